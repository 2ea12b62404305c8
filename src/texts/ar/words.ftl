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
