# La page ouverte par le lien d'un courriel : son bouton, son remerciement et ce qui figure au-dessous.

page-take-charge = Je prends en charge
page-take-charge-means = L'escalade est suspendue pendant { $span }, sans être arrêtée : si rien n'est fait d'ici là, elle reprend.
page-hand-on-question = Ou revient-elle à une autre personne ?
page-hand-on-choose = Choisir une personne
page-hand-on = La confier à cette personne
page-hand-on-means = L'action corrective lui revient, avec la même échéance ; elle en est informée aussitôt.
page-thanks-headline = Merci, votre prise en charge est enregistrée
page-thanks = L'escalade est suspendue jusqu'au { $at }. Si rien n'est fait d'ici là, elle reprend.
page-handed-on-headline = Merci, l'action est confiée
page-handed-on = { $name } réalise désormais l'action corrective ; un courriel lui est envoyé.
page-hand-on-reason = Confiée par le lien d'un courriel.
page-asks-nothing = Aucune réponse n'est attendue sur cette page. Pour agir, connectez-vous à Salama.
page-footer = Ouvrir cette page ne modifie rien. Ce lien vous est personnel : veuillez ne pas le transmettre. Il est valable 72 heures.

page-enrol-headline = Ouvrez Salama sur ce téléphone
page-enrol-text = Scannez l'image, ou saisissez le code, dans l'application Salama : elle met ce téléphone en service.
