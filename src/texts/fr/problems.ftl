# Pourquoi une demande a été refusée : titres et détails des problèmes.
