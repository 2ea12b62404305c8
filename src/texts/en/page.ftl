# The page behind the link in a mail: its button, its thanks, and what stands below it.

page-take-charge = I take charge
page-take-charge-means = This pauses the escalation for { $span } and does not stop it: if it is not done by then, it goes further.
page-thanks-headline = Thank you, you have taken charge
page-thanks = The escalation is paused until { $at }. If it is not done by then, it goes further.
page-asks-nothing = There is nothing to press here. To act on this, sign in to Salama.
page-footer = Opening this page changes nothing. The link is yours alone: please do not pass it on. It works for 72 hours.
