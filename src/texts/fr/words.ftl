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
