# Courriels : un objet, un titre et une demande par type de lettre, puis ce qui est commun à toutes.

mail-report-assigned-subject = Nouveau signalement : { $category }
mail-report-assigned-headline = Un signalement vous est adressé
mail-report-assigned-ask = Vous en avez la charge : ouvrez-le, accusez-en réception et décidez de la suite à donner.

mail-action-assigned-subject = Action corrective à réaliser
mail-action-assigned-headline = Une action corrective vous est affectée
mail-action-assigned-ask = Ouvrez-la, acceptez-la et réalisez-la avant son échéance.

mail-reminder-subject = Rappel : { $duty }
mail-reminder-headline = Rappel : l'échéance approche
mail-reminder-ask = Reste à faire : { $duty }.

mail-overdue-subject = En retard : { $duty }
mail-overdue-headline = L'échéance est dépassée
mail-overdue-ask = Délai dépassé, reste à faire : { $duty }. Veuillez y procéder dès maintenant ; en cas d'impossibilité, demandez un report d'échéance motivé.

mail-escalation-subject = Escalade : { $duty }
mail-escalation-headline = Cette situation est portée à votre niveau
mail-escalation-ask = Reste à faire : { $duty }. Veuillez vous assurer que cela soit fait et accuser réception de cette escalade.

mail-verification-asked-subject = À vérifier par vos soins
mail-verification-asked-headline = Une action corrective attend votre vérification
mail-verification-asked-ask = Elle est déclarée réalisée. Contrôlez qu'elle est faite et efficace, puis validez-la ou renvoyez-la en indiquant le motif.

mail-action-returned-subject = Renvoyée vers vous
mail-action-returned-headline = Une action corrective vous est renvoyée
mail-action-returned-ask = Son vérificateur a constaté qu'elle n'est pas encore réalisée. Lisez le motif, terminez-la, puis déclarez-la de nouveau réalisée.

mail-report-acknowledged-subject = Votre signalement est pris en charge
mail-report-acknowledged-headline = Votre signalement a été pris en charge
mail-report-acknowledged-ask = Merci de votre signalement. Rien ne vous est demandé ; ouvrez-le pour en suivre l'avancement.

mail-report-closed-subject = Votre signalement a une suite
mail-report-closed-headline = Le traitement de votre signalement est terminé
mail-report-closed-ask = Merci de votre signalement. Ouvrez-le pour en lire la suite donnée.

mail-report-dismissed-subject = Votre signalement a reçu une réponse
mail-report-dismissed-headline = Votre signalement est classé sans suite
mail-report-dismissed-ask = Merci de votre signalement. Ouvrez-le pour en lire le motif.

mail-information-asked-subject = Une question sur votre signalement
mail-information-asked-headline = Une question vous est posée sur votre signalement
mail-information-asked-ask = Ouvrez-le pour lire la question et y répondre.

mail-unsealing-asked-subject = À propos de votre signalement
mail-unsealing-asked-headline = Une personne demande à savoir qui a envoyé votre signalement
mail-unsealing-asked-ask = Rien ne lui est encore ouvert : l'accord d'une deuxième personne est nécessaire. Ouvrez votre signalement pour lire qui le demande, et pourquoi.

mail-unsealed-subject = À propos de votre signalement
mail-unsealed-headline = Deux personnes peuvent désormais savoir que vous avez envoyé votre signalement
mail-unsealed-ask = Pendant trois jours, ces deux personnes, et elles seules, peuvent lire votre identité. Ouvrez votre signalement pour lire qui elles sont, et pourquoi.

mail-report-reopened-subject = Signalement rouvert
mail-report-reopened-headline = Un signalement dont vous avez la charge est rouvert
mail-report-reopened-ask = Sa fin n'a pas tenu. Ouvrez-le, lisez le motif et décidez de la suite à donner.

mail-extension-asked-subject = Report d'échéance demandé
mail-extension-asked-headline = Une demande de report attend votre décision
mail-extension-asked-ask = La personne chargée de cette action corrective demande un délai supplémentaire. Ouvrez-la, lisez le motif, puis accordez ou refusez le report.

mail-extension-decided-subject = Report d'échéance : décision
mail-extension-decided-headline = Votre demande de report a reçu une décision
mail-extension-decided-ask = Ouvrez l'action corrective pour lire la décision et l'échéance applicable.

mail-action-verified-subject = Votre action corrective est validée
mail-action-verified-headline = Votre action corrective est validée
mail-action-verified-ask = Une autre personne a contrôlé qu'elle est réalisée. Merci ; rien de plus ne vous est demandé.

mail-action-cancelled-subject = Action corrective annulée
mail-action-cancelled-headline = Votre action corrective n'est plus nécessaire
mail-action-cancelled-ask = Elle a été annulée. Rien de plus ne vous est demandé ; ouvrez-la pour en lire le motif.

mail-action-reassigned-subject = Action corrective confiée à une autre personne
mail-action-reassigned-headline = Votre action corrective est confiée à une autre personne
mail-action-reassigned-ask = Une autre personne la réalise désormais. Rien de plus ne vous est demandé.

mail-mail-bounced-subject = Une adresse de messagerie refuse les courriels
mail-mail-bounced-headline = L'adresse d'une personne refuse les courriels
mail-mail-bounced-ask = Les courriels adressés à { $name } n'aboutissent pas ; la personne suivante est informée à sa place. Veuillez corriger l'adresse dans Salama : d'ici là, aucun courriel n'y est envoyé.

mail-digest-subject = Récapitulatif : { $count ->
        [one] 1 point en attente
       *[other] { $count } points en attente
    }
mail-digest-overdue = { $count } en retard
mail-digest-headline = Ce qui vous attend
mail-digest-ask = Le plus grave figure en premier. Ouvrez Salama pour traiter chaque point.
mail-digest-due = Échéance : { $at }
mail-digest-due-passed = En retard depuis le { $at }
mail-digest-more = { $count ->
        [one] Un autre point figure dans Salama.
       *[other] { $count } autres points figurent dans Salama.
    }
mail-digest-budget = Vous avez reçu { $mails } courriels en sept jours, alors que { $budget } devraient suffire. Aucun n'a été retenu. Signalez-le à votre administrateur s'ils sont trop nombreux.

mail-test-subject = Courriel de test
mail-test-headline = La messagerie fonctionne
mail-test-ask = Ceci est un test. Les courriels de Salama vous parviennent ; rien ne vous est demandé.

mail-product = Salama
mail-action = action { $ordinal }
mail-potential-severity = gravité potentielle
mail-colon = { "\u00A0" }:
mail-label-number = Signalement
mail-label-kind = Type
mail-label-category = Catégorie
mail-label-site = Site
mail-label-action = Action corrective
mail-label-duty = À faire
mail-label-due = Échéance
mail-label-filing = Déclaration
mail-due-passed = { $at }, en retard de { $span }
mail-due-ahead = { $at }, dans { $span }

mail-told-heading = { $count ->
        [one] Une personne a été informée avant vous
       *[other] { $count } personnes ont été informées avant vous
    }
mail-told-line = { $name }, { $role }, le { $at } (étape { $step })
mail-next-line = { $name }, { $role }
mail-role-owner = responsable de l'action
mail-role-verifier = vérificateur de l'action
mail-role-in-charge = responsable HSE en charge
mail-role-technician = technicien
mail-role-officer = responsable HSE
mail-role-manager = responsable hiérarchique
mail-role-investigator = enquêteur
mail-role-auditor = auditeur
mail-role-admin = administrateur
mail-role-colleague = collègue
mail-in-place-of = Vous recevez ce courriel parce que celui adressé à ce sujet à { $name } n'a pas abouti.
mail-entry = L'échéance est jointe pour votre agenda.
mail-entry-due = Échéance de l'action corrective
mail-entry-over = Sans objet : action corrective
mail-next-heading = Sans suite, la situation sera portée le { $at } à la connaissance de
mail-open = Ouvrir dans Salama
mail-open-hint = Le lien ouvre une page ; l'ouvrir ne modifie rien.

mail-because-ladder = Envoyé en application de la procédure d'escalade, version { $version }, étape { $step }.
mail-because-obligation = Envoyé au titre des obligations légales, version { $version }, étape { $step }.
mail-because-route = Envoyé en application des règles d'affectation, version { $version }.
mail-footer-duty = Ce courriel relève de vos responsabilités en matière de santé et de sécurité au travail : il n'est pas possible de s'en désabonner. Les descriptions, les photos et le nom des victimes ne figurent jamais dans un courriel ; ils se consultent dans Salama.
mail-footer-sender = Ce courriel concerne un fait que vous avez signalé. Ce que vous avez écrit ne figure jamais dans un courriel ; vous le retrouvez dans Salama.
mail-footer-sent = Envoi automatique du { $at }.

mail-account-new-device-headline = Votre compte est utilisé sur un nouvel appareil
mail-account-new-device-ask = Quelqu'un s'est connecté à votre compte sur un appareil qui n'avait encore jamais servi.
mail-account-token-copied-headline = Un appareil a été déconnecté par sécurité
mail-account-token-copied-ask = Une clé de cet appareil a servi deux fois : quelqu'un en possède peut-être une copie. L'appareil a été déconnecté ; veuillez vous y reconnecter.
mail-account-password-changed-headline = Votre mot de passe a été changé
mail-account-password-changed-ask = Votre compte a un nouveau mot de passe, et vos autres appareils ont été déconnectés.
mail-account-second-factor-added-headline = Un second facteur protège votre compte
mail-account-second-factor-added-ask = Désormais, six chiffres de votre application d'authentification sont demandés à la connexion.
mail-account-second-factor-removed-headline = Votre second facteur a été retiré
mail-account-second-factor-removed-ask = Votre mot de passe suffit désormais à ouvrir votre compte.
mail-account-recovery-code-used-headline = Un code de secours a été utilisé
mail-account-recovery-code-used-ask = L'un de vos codes de secours a servi à la place de votre application d'authentification. Il n'est plus valable.
mail-account-identity-linked-headline = Votre compte est relié à la connexion de votre organisation
mail-account-identity-linked-ask = Désormais, votre compte peut être ouvert par la connexion de votre organisation.
mail-account-device = Appareil : { $device }
mail-account-not-you = Si ce n'était pas vous, prévenez immédiatement l'administrateur de Salama et déconnectez les appareils que vous ne connaissez pas.
