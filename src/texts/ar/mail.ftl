# الرسائل: موضوع وعنوان وطلب لكل نوع، ثم ما هو مشترك بينها.

mail-report-assigned-subject = تبليغ جديد: { $category }
mail-report-assigned-headline = تبليغ جديد موجه إليكم
mail-report-assigned-ask = أنتم المكلفون به: المرجو فتحه وتأكيد التوصل به وتحديد ما يتعين القيام به.

mail-action-assigned-subject = إجراء تصحيحي مسند إليكم
mail-action-assigned-headline = أُسند إليكم إجراء تصحيحي
mail-action-assigned-ask = المرجو فتحه وقبوله وإنجازه قبل انصرام الأجل.

mail-reminder-subject = تذكير: { $duty }
mail-reminder-headline = تذكير: الأجل يقترب
mail-reminder-ask = ما زال يتعين القيام بما يلي: { $duty }.

mail-overdue-subject = متأخر عن الأجل: { $duty }
mail-overdue-headline = انصرم الأجل المحدد
mail-overdue-ask = لم يتم داخل الأجل: { $duty }. المرجو القيام بذلك الآن، وإن تعذر الأمر فالمرجو طلب تمديد الأجل مع بيان السبب.

mail-escalation-subject = تصعيد: { $duty }
mail-escalation-headline = رُفع هذا الأمر إلى مستواكم
mail-escalation-ask = لم يتم بعد: { $duty }. المرجو السهر على إنجاز ذلك وتأكيد التوصل بهذا التصعيد.

mail-verification-asked-subject = في انتظار تحققكم
mail-verification-asked-headline = إجراء تصحيحي ينتظر تحققكم منه
mail-verification-asked-ask = صُرّح بإنجازه. المرجو التأكد من إنجازه ومن فعاليته، ثم المصادقة عليه أو إرجاعه مع بيان السبب.

mail-action-returned-subject = أُعيد إليكم
mail-action-returned-headline = إجراء تصحيحي أُعيد إليكم
mail-action-returned-ask = تبيّن للمكلف بالتحقق أنه لم يُنجز بعد. المرجو الاطلاع على السبب وإتمام الإجراء ثم التصريح بإنجازه من جديد.

mail-report-acknowledged-subject = تبليغكم قيد المعالجة
mail-report-acknowledged-headline = تم التكفل بتبليغكم
mail-report-acknowledged-ask = شكرا على تبليغكم. لا يُطلب منكم أي شيء، ويمكنكم فتحه لمعرفة ما آل إليه.

mail-report-closed-subject = نتيجة تبليغكم
mail-report-closed-headline = انتهت معالجة تبليغكم
mail-report-closed-ask = شكرا على تبليغكم. المرجو فتحه للاطلاع على النتيجة.

mail-report-dismissed-subject = جواب عن تبليغكم
mail-report-dismissed-headline = حُفظ تبليغكم دون إجراء
mail-report-dismissed-ask = شكرا على تبليغكم. المرجو فتحه للاطلاع على السبب.

mail-information-asked-subject = سؤال حول تبليغكم
mail-information-asked-headline = وُجّه إليكم سؤال حول تبليغكم
mail-information-asked-ask = المرجو فتحه لقراءة السؤال والجواب عنه.

mail-unsealing-asked-subject = بخصوص تبليغكم
mail-unsealing-asked-headline = يطلب شخص معرفة من أرسل تبليغكم
mail-unsealing-asked-ask = لم يُكشف له شيء بعد: يلزم لذلك موافقة شخص ثان. المرجو فتح تبليغكم لمعرفة من طلب ذلك ولماذا.

mail-unsealed-subject = بخصوص تبليغكم
mail-unsealed-headline = أصبح بإمكان شخصين معرفة أنكم أرسلتم التبليغ
mail-unsealed-ask = يمكن لهذين الشخصين وحدهما الاطلاع على هويتكم لمدة ثلاثة أيام. المرجو فتح تبليغكم لمعرفة من هما ولماذا.

mail-report-reopened-subject = أُعيد فتح التبليغ
mail-report-reopened-headline = أُعيد فتح تبليغ أنتم المكلفون به
mail-report-reopened-ask = لم تكن نهايته كافية. المرجو فتحه وقراءة السبب وتحديد ما يتعين القيام به.

mail-extension-asked-subject = طلب تمديد الأجل
mail-extension-asked-headline = طلب تمديد ينتظر قراركم
mail-extension-asked-ask = يطلب المكلف بهذا الإجراء التصحيحي مزيدا من الوقت. المرجو فتحه وقراءة السبب ثم الموافقة على التمديد أو رفضه.

mail-extension-decided-subject = قرار بشأن تمديد الأجل
mail-extension-decided-headline = اتُّخذ قرار بشأن طلبكم تمديد الأجل
mail-extension-decided-ask = المرجو فتح الإجراء التصحيحي للاطلاع على القرار وعلى الأجل المعمول به.

mail-action-verified-subject = تمت المصادقة على إجرائكم التصحيحي
mail-action-verified-headline = تمت المصادقة على إجرائكم التصحيحي
mail-action-verified-ask = تحقق شخص آخر من إنجازه. شكرا لكم، ولا يُطلب منكم أي شيء آخر.

mail-action-cancelled-subject = أُلغي الإجراء التصحيحي
mail-action-cancelled-headline = لم يعد إجراؤكم التصحيحي مطلوبا
mail-action-cancelled-ask = تم إلغاؤه، ولا يُطلب منكم أي شيء آخر. يمكن فتحه للاطلاع على السبب.

mail-action-reassigned-subject = أُسند الإجراء التصحيحي إلى شخص آخر
mail-action-reassigned-headline = أُسند إجراؤكم التصحيحي إلى شخص آخر
mail-action-reassigned-ask = يتكفل شخص آخر بإنجازه من الآن، ولا يُطلب منكم أي شيء آخر.

mail-mail-bounced-subject = عنوان بريد لا يستقبل الرسائل
mail-mail-bounced-headline = عنوان بريد أحد الزملاء لا يستقبل الرسائل
mail-mail-bounced-ask = الرسائل الموجهة إلى { $name } لا تصل، ويُخبَر بدله الشخص الموالي. المرجو تصحيح العنوان في سلامة: لن تُرسل إليه أي رسالة قبل ذلك.

mail-digest-subject = الملخص اليومي: { $count ->
        [zero] لا أمور في الانتظار
        [one] أمر واحد في الانتظار
        [two] أمران في الانتظار
        [few] { $count } أمور في الانتظار
        [many] { $count } أمرا في الانتظار
       *[other] { $count } أمر في الانتظار
    }
mail-digest-overdue = المتأخر منها: { $count }
mail-digest-headline = ما ينتظركم
mail-digest-ask = الأخطر أولا. المرجو فتح سلامة لمعالجة كل أمر.
mail-digest-due = الأجل: { $at }
mail-digest-due-passed = متأخر منذ { $at }
mail-digest-more = { $count ->
        [zero] لا شيء آخر في سلامة.
        [one] أمر واحد آخر في سلامة.
        [two] أمران آخران في سلامة.
        [few] { $count } أمور أخرى في سلامة.
        [many] { $count } أمرا آخر في سلامة.
       *[other] { $count } أمر آخر في سلامة.
    }
mail-digest-budget = توصلتم بعدد { $mails } من الرسائل خلال سبعة أيام، في حين أن { $budget } ينبغي أن تكفي. لم تُحجب أي رسالة. المرجو إخبار المسؤول عن النظام إن كانت كثيرة.

mail-test-subject = رسالة تجريبية
mail-test-headline = البريد يعمل
mail-test-ask = هذه رسالة تجريبية. رسائل سلامة تصلكم، ولا يُطلب منكم أي شيء.

mail-product = سلامة
mail-action = الإجراء رقم { $ordinal }
mail-potential-severity = الخطورة المحتملة
mail-colon = :
mail-label-number = التبليغ
mail-label-kind = النوع
mail-label-category = الصنف
mail-label-site = الموقع
mail-label-action = الإجراء التصحيحي
mail-label-duty = المطلوب
mail-label-due = الأجل
mail-label-filing = التصريح
mail-due-passed = { $at }، متأخر منذ { $span }
mail-due-ahead = { $at }، بعد { $span }

mail-told-heading = { $count ->
        [zero] لم يُخبَر أحد قبلكم
        [one] أُخبر قبلكم شخص واحد
        [two] أُخبر قبلكم شخصان
        [few] أُخبر قبلكم { $count } أشخاص
        [many] أُخبر قبلكم { $count } شخصا
       *[other] أُخبر قبلكم { $count } شخص
    }
mail-told-line = { $name }، { $role }، { $at } (المرحلة { $step })
mail-next-line = { $name }، { $role }
mail-role-owner = المكلف بالإجراء
mail-role-verifier = المكلف بالتحقق
mail-role-in-charge = مسؤول السلامة المكلف
mail-role-technician = تقني
mail-role-officer = مسؤول السلامة
mail-role-manager = رئيس المصلحة
mail-role-investigator = محقق
mail-role-auditor = مفتحص
mail-role-admin = مدير النظام
mail-role-colleague = زميل
mail-in-place-of = تتوصلون بهذه الرسالة لأن الرسالة الموجهة في هذا الشأن إلى { $name } لم تصل.
mail-entry = الأجل مرفق لإضافته إلى مفكرتكم.
mail-entry-due = أجل الإجراء التصحيحي
mail-entry-over = لم يعد مطلوبا: الإجراء التصحيحي
mail-next-heading = إذا لم يتم أي شيء، فسيُرفع الأمر في { $at } إلى
mail-open = فتح في سلامة
mail-open-hint = يفتح الرابط صفحة فقط، وفتحها لا يغيّر أي شيء.

mail-because-ladder = أُرسلت بموجب مسطرة التصعيد، النسخة { $version }، المرحلة { $step }.
mail-because-obligation = أُرسلت وفق الالتزامات القانونية، الإصدار { $version }، الخطوة { $step }.
mail-because-route = أُرسلت بموجب قواعد الإسناد، النسخة { $version }.
mail-footer-duty = هذه الرسالة جزء من مسؤولياتكم في مجال الصحة والسلامة في الشغل، ولا يمكن إلغاء الاشتراك فيها. لا تُدرج الأوصاف والصور وأسماء المصابين في الرسائل أبدا، بل يُطّلع عليها في سلامة.
mail-footer-sender = تتعلق هذه الرسالة بأمر بلّغتم عنه. لا يُدرج ما كتبتموه في الرسائل أبدا، بل يُطّلع عليه في سلامة.
mail-footer-sent = أُرسلت تلقائيا في { $at }.

mail-account-new-device-headline = حسابكم مستعمل على جهاز جديد
mail-account-new-device-ask = سجّل أحدهم الدخول إلى حسابكم من جهاز لم يُستعمل معه من قبل.
mail-account-token-copied-headline = تم تسجيل خروج جهاز حفاظا على سلامتكم
mail-account-token-copied-ask = استُعمل مفتاح هذا الجهاز مرتين، وقد يكون لدى أحدهم نسخة منه. تم تسجيل خروج الجهاز؛ المرجو تسجيل الدخول عليه من جديد.
mail-account-password-changed-headline = تم تغيير كلمة المرور
mail-account-password-changed-ask = أصبحت لحسابكم كلمة مرور أخرى، وتم تسجيل خروج أجهزتكم الأخرى.
mail-account-second-factor-added-headline = عامل ثان يحمي حسابكم
mail-account-second-factor-added-ask = من الآن فصاعدا، تُطلب ستة أرقام من تطبيق المصادقة عند تسجيل الدخول.
mail-account-second-factor-removed-headline = أُزيل العامل الثاني
mail-account-second-factor-removed-ask = أصبحت كلمة المرور وحدها كافية لفتح حسابكم.
mail-account-recovery-code-used-headline = استُعمل رمز استرجاع
mail-account-recovery-code-used-ask = استُعمل أحد رموز الاسترجاع بدلا من تطبيق المصادقة، ولم يعد صالحا.
mail-account-identity-linked-headline = رُبط حسابكم بتسجيل دخول مؤسستكم
mail-account-identity-linked-ask = من الآن فصاعدا، يمكن فتح حسابكم عبر تسجيل دخول مؤسستكم.
mail-account-device = الجهاز: { $device }
mail-account-not-you = إذا لم تكونوا أنتم من قام بذلك، فأخبروا مسؤول سلامة فورا، وسجّلوا خروج الأجهزة التي لا تعرفونها.
