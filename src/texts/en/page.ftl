# The page behind the link in a mail: its button, its thanks, and what stands below it.

page-take-charge = I take charge
page-take-charge-means = This pauses the escalation for { $span } and does not stop it: if it is not done by then, it goes further.
page-hand-on-question = Or is it for a colleague?
page-hand-on-choose = Choose a colleague
page-hand-on = Give it to this colleague
page-hand-on-means = The corrective action becomes theirs, with the same due date; they are told at once.
page-thanks-headline = Thank you, you have taken charge
page-thanks = The escalation is paused until { $at }. If it is not done by then, it goes further.
page-handed-on-headline = Thank you, it is handed on
page-handed-on = { $name } carries out the corrective action from now on, and has been told.
page-hand-on-reason = Handed on by the link in a mail.
page-asks-nothing = There is nothing to press here. To act on this, sign in to Salama.
page-footer = Opening this page changes nothing. The link is yours alone: please do not pass it on. It works for 72 hours.

page-enrol-headline = Open Salama on this phone
page-enrol-text = Read the picture, or type the code, in the Salama app: it puts this phone into service.
