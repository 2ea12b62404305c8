# Mails: one subject, one headline and one request per kind of letter, then what all of them share.

mail-report-assigned-subject = New report: { $category }
mail-report-assigned-headline = A report has reached you
mail-report-assigned-ask = You are in charge of it: open it, acknowledge it and decide what follows.

mail-action-assigned-subject = Corrective action for you
mail-action-assigned-headline = A corrective action has been assigned to you
mail-action-assigned-ask = Open it, accept it and complete it before its due date.

mail-reminder-subject = Reminder: { $duty }
mail-reminder-headline = Reminder: the due date is near
mail-reminder-ask = Still to be done: { $duty }.

mail-overdue-subject = Overdue: { $duty }
mail-overdue-headline = The due date has passed
mail-overdue-ask = Not done in time: { $duty }. Please do it now; if it cannot be done, ask for an extension and give the reason.

mail-escalation-subject = Escalation: { $duty }
mail-escalation-headline = This has been escalated to you
mail-escalation-ask = Not yet done: { $duty }. Please see that it is done, and acknowledge this escalation.

mail-verification-asked-subject = To be verified by you
mail-verification-asked-headline = A corrective action awaits your verification
mail-verification-asked-ask = It is declared complete. Check that it is done and that it works, then verify it or return it with a reason.

mail-action-returned-subject = Returned to you
mail-action-returned-headline = A corrective action was returned to you
mail-action-returned-ask = Its verifier found that it is not done yet. Read the reason, finish it, and declare it complete again.

mail-report-acknowledged-subject = Your report is being handled
mail-report-acknowledged-headline = Somebody has taken charge of your report
mail-report-acknowledged-ask = Thank you for reporting. Nothing is asked of you; open it to see where it stands.

mail-report-closed-subject = Your report has an outcome
mail-report-closed-headline = The handling of your report has ended
mail-report-closed-ask = Thank you for reporting. Open it to read the outcome.

mail-report-dismissed-subject = Your report has an answer
mail-report-dismissed-headline = No action will follow from your report
mail-report-dismissed-ask = Thank you for reporting. Open it to read the reason.

mail-information-asked-subject = A question about your report
mail-information-asked-headline = You are asked something about your report
mail-information-asked-ask = Open it to read the question, and answer it there.

mail-unsealing-asked-subject = About your report
mail-unsealing-asked-headline = Somebody asks to know who sent your report
mail-unsealing-asked-ask = Nothing is open to them yet: it takes a second person. Open your report to read who asks, and why.

mail-unsealed-subject = About your report
mail-unsealed-headline = Two persons may now know that you sent your report
mail-unsealed-ask = For three days these two, and nobody else, may read who you are. Open your report to read who they are, and why.

mail-report-reopened-subject = Taken up again
mail-report-reopened-headline = A report of yours was taken up again
mail-report-reopened-ask = Its end did not hold. Open it, read why, and decide what follows.

mail-extension-asked-subject = More time is asked for
mail-extension-asked-headline = An extension awaits your decision
mail-extension-asked-ask = The owner of this corrective action asks for more time. Open it, read the reason, then grant or refuse it.

mail-extension-decided-subject = Your extension was decided
mail-extension-decided-headline = It is decided whether you get more time
mail-extension-decided-ask = Open the corrective action to read the decision and the date that holds.

mail-action-verified-subject = Your corrective action is verified
mail-action-verified-headline = Your corrective action is verified
mail-action-verified-ask = It was checked by a colleague and found done. Thank you; nothing more is asked of you.

mail-action-cancelled-subject = Corrective action cancelled
mail-action-cancelled-headline = Your corrective action is no longer needed
mail-action-cancelled-ask = It was cancelled. Nothing more is asked of you; open it to read the reason.

mail-action-reassigned-subject = Corrective action given to a colleague
mail-action-reassigned-headline = Your corrective action was given to a colleague
mail-action-reassigned-ask = Somebody else carries it out from now on. Nothing more is asked of you.

mail-mail-bounced-subject = A colleague's address refuses mail
mail-mail-bounced-headline = A colleague's address refuses mail
mail-mail-bounced-ask = Mail to { $name } does not get through, so whoever is next is told instead. Please correct the address in Salama: until then no mail is sent there.

mail-digest-subject = Daily digest: { $count ->
        [one] 1 matter waits
       *[other] { $count } matters wait
    }
mail-digest-overdue = { $count } overdue
mail-digest-headline = What waits for you
mail-digest-ask = The gravest comes first. Open Salama to act on each.
mail-digest-due = Due { $at }
mail-digest-due-passed = Overdue since { $at }
mail-digest-more = { $count ->
        [one] One more stands in Salama.
       *[other] { $count } more stand in Salama.
    }
mail-digest-budget = You got { $mails } mails in seven days; { $budget } should be enough. Nothing was held back. Tell your administrator if they are too many.

mail-test-subject = Test mail
mail-test-headline = Mail works
mail-test-ask = This is a test. Mails from Salama reach you; nothing is asked of you.

mail-product = Salama
mail-action = action { $ordinal }
mail-potential-severity = potential severity
mail-colon = :
mail-label-number = Report
mail-label-kind = Kind
mail-label-category = Category
mail-label-site = Site
mail-label-action = Corrective action
mail-label-duty = To be done
mail-label-due = Due
mail-label-filing = Filing
mail-due-passed = { $at }, overdue by { $span }
mail-due-ahead = { $at }, in { $span }

mail-told-heading = { $count ->
        [one] One person was told before you
       *[other] { $count } people were told before you
    }
mail-told-line = { $name }, { $role }, { $at } (step { $step })
mail-next-line = { $name }, { $role }
mail-role-owner = owner of the action
mail-role-verifier = verifier of the action
mail-role-in-charge = officer in charge
mail-role-technician = technician
mail-role-officer = safety officer
mail-role-manager = manager
mail-role-investigator = investigator
mail-role-auditor = auditor
mail-role-admin = administrator
mail-role-colleague = colleague
mail-in-place-of = You are told because the mail about this to { $name } has not got through.
mail-entry = The due date is attached for your calendar.
mail-entry-due = Corrective action due
mail-entry-over = No longer due: corrective action
mail-next-heading = If nothing is done, this goes further on { $at }, to
mail-open = Open in Salama
mail-open-hint = The link opens a page; opening it changes nothing.

mail-because-ladder = Sent under the escalation ladder, version { $version }, step { $step }.
mail-because-obligation = Sent under the legal obligations, version { $version }, step { $step }.
mail-because-route = Sent under the routing rules, version { $version }.
mail-footer-duty = This mail is part of your duties for safety at work: it has no unsubscribe. Descriptions, photos and the names of those hurt are never put in a mail; you find them in Salama.
mail-footer-sender = This mail is about something you reported. What you wrote is never put in a mail; you find it in Salama.
mail-footer-sent = Sent automatically on { $at }.

mail-account-new-device-headline = Your account is in use on a new device
mail-account-new-device-ask = Somebody signed in to your account on a device that it was never used on before.
mail-account-token-copied-headline = A device was signed out for your safety
mail-account-token-copied-ask = A key of this device was used twice, so somebody may have a copy of it. The device was signed out; please sign in on it again.
mail-account-password-changed-headline = Your password was changed
mail-account-password-changed-ask = Your account has another password, and your other devices were signed out.
mail-account-second-factor-added-headline = A second factor protects your account
mail-account-second-factor-added-ask = From now on, six digits of your authenticator are asked for when you sign in.
mail-account-second-factor-removed-headline = Your second factor was removed
mail-account-second-factor-removed-ask = Your password alone now opens your account.
mail-account-recovery-code-used-headline = A recovery code was used
mail-account-recovery-code-used-ask = One of your recovery codes was used in the place of your authenticator. It is good no more.
mail-account-identity-linked-headline = Your account was linked to your organisation's sign-in
mail-account-identity-linked-ask = From now on, your account can be opened through your organisation's sign-in.
mail-account-device = Device: { $device }
mail-account-not-you = If this was not you, tell the administrator of Salama at once, and end the devices that you do not know.
