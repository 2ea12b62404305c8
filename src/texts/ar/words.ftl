# كلمات مستعملة في أكثر من موضع: التواريخ والمدد ودرجات الخطورة والمهام.

date-time = { $day } { $month ->
        [1] يناير
        [2] فبراير
        [3] مارس
        [4] أبريل
        [5] ماي
        [6] يونيو
        [7] يوليوز
        [8] غشت
        [9] شتنبر
        [10] أكتوبر
        [11] نونبر
       *[12] دجنبر
    } { $year } على الساعة { $time } ({ $offset })

span-days = { $count ->
        [zero] أقل من يوم
        [one] يوم واحد
        [two] يومين
        [few] { $count } أيام
        [many] { $count } يوما
       *[other] { $count } يوم
    }
span-hours = { $count ->
        [zero] أقل من ساعة
        [one] ساعة واحدة
        [two] ساعتين
        [few] { $count } ساعات
        [many] { $count } ساعة
       *[other] { $count } ساعة
    }
span-minutes = { $count ->
        [zero] أقل من دقيقة
        [one] دقيقة واحدة
        [two] دقيقتين
        [few] { $count } دقائق
        [many] { $count } دقيقة
       *[other] { $count } دقيقة
    }

severity = { $level ->
        [1] ضئيلة
        [2] طفيفة
        [3] متوسطة
        [4] جسيمة
       *[5] كارثية
    }

duty-acknowledge = تأكيد التوصل بالتبليغ
duty-make-safe = تأمين الموقع
duty-triage = تقييم التبليغ وتوجيهه
duty-investigate = إجراء البحث
duty-complete-action = إنجاز الإجراء التصحيحي
duty-verify-action = التحقق من الإجراء التصحيحي
duty-check-effectiveness = التحقق من الفعالية
duty-interim-measure = وضع تدبير أولي
duty-file-obligation = القيام بتصريح يفرضه القانون

kind-hazard = مصدر خطر
kind-near-miss = حادث وشيك
kind-incident = واقعة

review-awaited = في انتظار تأكيد مستشار قانوني

route-site = الموقع ليس من مواقع هذه القاعدة ولا تابعا لأحدها.
route-kind = هذه القاعدة تخص نوعا آخر من التبليغات.
route-category = هذه القاعدة تخص أصنافا أخرى.
route-aspect = ليس بين التبليغ وهذه القاعدة أي جانب مشترك.
route-severity = الخطورة المحتملة أقل مما تطلبه هذه القاعدة.
route-working-time = هذه القاعدة تسري في أوقات أخرى: داخل أوقات عمل الموقع أو خارجها.
route-day = هذه القاعدة تسري في أيام أخرى من الأسبوع.
route-time-of-day = هذه القاعدة تسري في وقت آخر من اليوم.
route-roster = لم يكن أحد في المداومة حسب جداول هذه القاعدة.

calendar-year-missing = المرجو إدخال أيام العطل لهذه السنة: التقويم لا يضم أي يوم منها.
calendar-still-provisional = المرجو إدخال التاريخ المعلن لهذه العطلة: لقد اقتربت وتاريخها ما زال محسوبا.
