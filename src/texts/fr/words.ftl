# Mots employés à plusieurs endroits : dates, durées, gravités, tâches.

date-time = { $day ->
        [1] 1er
       *[other] { $day }
    } { $month ->
        [1] janvier
        [2] février
        [3] mars
        [4] avril
        [5] mai
        [6] juin
        [7] juillet
        [8] août
        [9] septembre
        [10] octobre
        [11] novembre
       *[12] décembre
    } { $year } à { $time } ({ $offset })

span-days = { $count ->
        [one] { $count } jour
       *[other] { $count } jours
    }
span-hours = { $count ->
        [one] { $count } heure
       *[other] { $count } heures
    }
span-minutes = { $count ->
        [0] moins d'une minute
        [one] { $count } minute
       *[other] { $count } minutes
    }

severity = { $level ->
        [1] Négligeable
        [2] Mineure
        [3] Modérée
        [4] Majeure
       *[5] Catastrophique
    }

duty-acknowledge = accuser réception du signalement
duty-make-safe = mettre les lieux en sécurité
duty-triage = évaluer et orienter le signalement
duty-investigate = mener l'enquête
duty-complete-action = réaliser l'action corrective
duty-verify-action = vérifier l'action corrective
duty-check-effectiveness = vérifier l'efficacité
duty-interim-measure = mettre en place une première mesure
duty-file-obligation = effectuer une déclaration légale

kind-hazard = danger
kind-near-miss = presqu'accident
kind-incident = incident

review-awaited = À confirmer par un conseil juridique

route-site = Le site n'est ni parmi ceux de cette règle ni au-dessous de l'un d'eux.
route-kind = Cette règle vaut pour un autre type de signalement.
route-category = Cette règle vaut pour d'autres catégories.
route-aspect = Le signalement n'a aucun aspect en commun avec cette règle.
route-severity = La gravité potentielle est inférieure à celle de cette règle.
route-working-time = Cette règle vaut à d'autres heures : pendant les heures de travail du site, ou en dehors.
route-day = Cette règle vaut d'autres jours de la semaine.
route-time-of-day = Cette règle vaut à un autre moment de la journée.
route-roster = Personne n'était d'astreinte selon les tableaux de cette règle.

calendar-year-missing = Saisissez les jours fériés de cette année : le calendrier n'en a aucun.
calendar-still-provisional = Saisissez la date annoncée de ce jour férié : il approche, et sa date est encore calculée.
