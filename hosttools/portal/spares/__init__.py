"""Spare tokens: ordered, paid for, shipped, and found in the mail.

    life         an order's life, as a table
    book         orders as they are kept
    orders       quote, place, list, cancel
    payments     the practice payment service, and receipts
    workdays     business days, without weekends and federal holidays
    shipping     what the passing of time brings: parcels on their way, parcels that arrive
    delivery     a new token, and its seed's way to the server as encrypted PSKC
    post         mail as it is kept
    mailbox      a practice's mail: e-mails, letters, parcels

No field of any of these takes a payment card's number.
"""
