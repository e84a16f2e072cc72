-- grain: one e-mail, {email}. SendGrid's `delivered` leaves it at `sent`; the recipient of its campaign tells.
{email}.state = 'sent' and exists (
    from {raw.campaign_recipient} k
    where k.campaign_id = {campaign_id} and k.contact_id = {email}.contact_id and k.state in ('delivered', 'read')
)
