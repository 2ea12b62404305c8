# Words used in more than one place: dates, lengths of time, severities, duties.

date-time = { $day } { $month ->
        [1] January
        [2] February
        [3] March
        [4] April
        [5] May
        [6] June
        [7] July
        [8] August
        [9] September
        [10] October
        [11] November
       *[12] December
    } { $year } at { $time } ({ $offset })

span-days = { $count ->
        [one] 1 day
       *[other] { $count } days
    }
span-hours = { $count ->
        [one] 1 hour
       *[other] { $count } hours
    }
span-minutes = { $count ->
        [0] less than a minute
        [one] 1 minute
       *[other] { $count } minutes
    }

severity = { $level ->
        [1] Negligible
        [2] Minor
        [3] Moderate
        [4] Major
       *[5] Catastrophic
    }

duty-acknowledge = acknowledge the report
duty-make-safe = make the place safe
duty-triage = assess the report and send it on its way
duty-investigate = carry out the investigation
duty-complete-action = carry out the corrective action
duty-verify-action = verify the corrective action
duty-check-effectiveness = check the effectiveness
duty-interim-measure = put a first measure in place
duty-file-obligation = make a filing that the law wants

kind-hazard = hazard
kind-near-miss = near miss
kind-incident = incident

review-awaited = To be confirmed by counsel

route-site = The site is not among those of this rule, nor below one of them.
route-kind = This rule is for another kind of report.
route-category = This rule is for other categories.
route-aspect = The report shares no aspect with this rule.
route-severity = The potential severity is below that of this rule.
route-working-time = This rule holds at other hours: inside or outside the working time of the site.
route-day = This rule holds on other days of the week.
route-time-of-day = This rule holds at another time of day.
route-roster = Nobody was on duty by the rosters of this rule.

calendar-year-missing = Enter the holidays of this year: the calendar has none.
calendar-still-provisional = Enter the announced date of this holiday: it is near, and its date is still computed.
