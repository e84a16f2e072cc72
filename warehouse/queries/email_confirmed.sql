-- grain: one e-mail, `{email}`: whether it was delivered, by the recipient of the same campaign and contact
{email}.state = 'sent' and exists (
    from {raw.campaign_recipient} k
    where k.campaign_id = {campaign_id} and k.contact_id = {email}.contact_id and k.state in ('delivered', 'read')
)
