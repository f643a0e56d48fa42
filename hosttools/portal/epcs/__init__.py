"""EPCS device management and signing: steps 2 to 6 of the procedure, without any page.

    guard           who may do what, before anything is looked at
    challenges      one-time codes: sent, kept as keyed hashes, answered once
    phone           the practice phone: texts and calls
    authenticator   the app on it: a time token that opens device management
    proof           the doctor shows to be the one; device management opens
    registration    identity proofing, and a credential over two channels
    forms           forms that are submitted once
    devices         tokens: added, resynced, deactivated
    rules           drugs, schedules, what a prescription has to be
    charts          patients and prescriptions as values
    prescriptions   composed, changed, made ready
    factors         two factors of two kinds
    signing         one act, several prescriptions of one patient
    signedrecords   what was signed, and the check of it
    access          two people let a doctor sign
    keeping         changes that stay although they end in a refusal
    ids             what can be the name of a form, patient or prescription
    practice        what an empty database is filled with

Which rule of 21 CFR parts 1306 and 1311 is enforced where stands in docs/epcs-rules.md.
"""
