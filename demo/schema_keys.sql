-- Primary keys, the index Django makes on every foreign key, the three (organization, contact, time) indexes of the
-- channels' message tables, and the foreign keys. Nothing else: Corbi indexes neither times nor statuses.
-- What hangs on a row goes with it; where the column may be null, the row stays and forgets what it pointed to.

alter table organizations_organization add primary key (id);
alter table auth_user add primary key (id);
alter table organizations_membership add primary key (id);
alter table organizations_apikey add primary key (id);
alter table integrations_integration add primary key (id);
alter table contacts_contact add primary key (id);
alter table bookings_booking add primary key (id);
alter table bookings_bookingchangelog add primary key (id);
alter table billing_billinglog add primary key (id);
alter table messaging_outboundmessage add primary key (id);
alter table messaging_whatsappmessage add primary key (id);
alter table messaging_telegrammessage add primary key (id);
alter table messaging_instagrammessage add primary key (id);
alter table messaging_campaign add primary key (id);
alter table messaging_campaignrecipient add primary key (id);
alter table messaging_emailjob add primary key (id);
alter table messaging_emailrecipient add primary key (id);
alter table messaging_inboundmessage add primary key (id);
alter table messaging_providerevent add primary key (id);
alter table messaging_suppression add primary key (id);
alter table monitoring_monitoringalert add primary key (id);

create index organizations_membership_organization_id on organizations_membership (organization_id);
create index organizations_membership_user_id on organizations_membership (user_id);
create index organizations_apikey_organization_id on organizations_apikey (organization_id);
create index organizations_apikey_user_id on organizations_apikey (user_id);
create index integrations_integration_organization_id on integrations_integration (organization_id);
create index contacts_contact_organization_id on contacts_contact (organization_id);
create index bookings_booking_contact_id on bookings_booking (contact_id);
create index bookings_booking_organization_id on bookings_booking (organization_id);
create index bookings_booking_created_by_user_id on bookings_booking (created_by_user_id);
create index bookings_booking_resource_id on bookings_booking (resource_id);
create index bookings_bookingchangelog_booking_id on bookings_bookingchangelog (booking_id);
create index billing_billinglog_organization_id on billing_billinglog (organization_id);
create index billing_billinglog_user_id on billing_billinglog (user_id);
create index messaging_outboundmessage_contact_id on messaging_outboundmessage (contact_id);
create index messaging_outboundmessage_template_id on messaging_outboundmessage (template_id);
create index messaging_outboundmessage_organization_id on messaging_outboundmessage (organization_id);
create index messaging_whatsappmessage_contact_id on messaging_whatsappmessage (contact_id);
create index messaging_whatsappmessage_organization_id on messaging_whatsappmessage (organization_id);
create index messaging_telegrammessage_contact_id on messaging_telegrammessage (contact_id);
create index messaging_telegrammessage_organization_id on messaging_telegrammessage (organization_id);
create index messaging_instagrammessage_contact_id on messaging_instagrammessage (contact_id);
create index messaging_instagrammessage_organization_id on messaging_instagrammessage (organization_id);
create index messaging_campaign_organization_id on messaging_campaign (organization_id);
create index messaging_campaign_template_id on messaging_campaign (template_id);
create index messaging_campaign_created_by_id on messaging_campaign (created_by_id);
create index messaging_campaignrecipient_campaign_id on messaging_campaignrecipient (campaign_id);
create index messaging_campaignrecipient_contact_id on messaging_campaignrecipient (contact_id);
create index messaging_emailjob_organization_id on messaging_emailjob (organization_id);
create index messaging_emailjob_user_id on messaging_emailjob (user_id);
create index messaging_emailjob_template_id on messaging_emailjob (template_id);
create index messaging_emailjob_campaign_id on messaging_emailjob (campaign_id);
create index messaging_emailrecipient_contact_id on messaging_emailrecipient (contact_id);
create index messaging_emailrecipient_job_id on messaging_emailrecipient (job_id);
create index messaging_inboundmessage_contact_id on messaging_inboundmessage (contact_id);
create index messaging_inboundmessage_organization_id on messaging_inboundmessage (organization_id);
create index messaging_providerevent_organization_id on messaging_providerevent (organization_id);
create index messaging_providerevent_outbound_id on messaging_providerevent (outbound_id);
create index messaging_suppression_organization_id on messaging_suppression (organization_id);
create index monitoring_monitoringalert_organization_id on monitoring_monitoringalert (organization_id);
create index messaging_whatsappmessage_organization_contact_created on messaging_whatsappmessage (organization_id, contact_id, created_at);
create index messaging_telegrammessage_organization_contact_created on messaging_telegrammessage (organization_id, contact_id, created_at);
create index messaging_instagrammessage_organization_contact_created on messaging_instagrammessage (organization_id, contact_id, created_at);

alter table organizations_membership
    add foreign key (organization_id) references organizations_organization (id) on delete cascade,
    add foreign key (user_id) references auth_user (id) on delete cascade;
alter table organizations_apikey
    add foreign key (organization_id) references organizations_organization (id) on delete cascade,
    add foreign key (user_id) references auth_user (id) on delete cascade;
alter table integrations_integration
    add foreign key (organization_id) references organizations_organization (id) on delete cascade;
alter table contacts_contact
    add foreign key (organization_id) references organizations_organization (id) on delete cascade;
alter table bookings_booking
    add foreign key (contact_id) references contacts_contact (id) on delete set null,
    add foreign key (organization_id) references organizations_organization (id) on delete cascade,
    add foreign key (created_by_user_id) references auth_user (id) on delete set null;
alter table bookings_bookingchangelog
    add foreign key (booking_id) references bookings_booking (id) on delete cascade;
alter table billing_billinglog
    add foreign key (organization_id) references organizations_organization (id) on delete cascade,
    add foreign key (user_id) references auth_user (id) on delete set null;
alter table messaging_outboundmessage
    add foreign key (contact_id) references contacts_contact (id) on delete cascade,
    add foreign key (organization_id) references organizations_organization (id) on delete cascade;
alter table messaging_whatsappmessage
    add foreign key (contact_id) references contacts_contact (id) on delete cascade,
    add foreign key (organization_id) references organizations_organization (id) on delete cascade;
alter table messaging_telegrammessage
    add foreign key (contact_id) references contacts_contact (id) on delete cascade,
    add foreign key (organization_id) references organizations_organization (id) on delete cascade;
alter table messaging_instagrammessage
    add foreign key (contact_id) references contacts_contact (id) on delete cascade,
    add foreign key (organization_id) references organizations_organization (id) on delete cascade;
alter table messaging_campaign
    add foreign key (organization_id) references organizations_organization (id) on delete cascade,
    add foreign key (created_by_id) references auth_user (id) on delete set null;
alter table messaging_campaignrecipient
    add foreign key (campaign_id) references messaging_campaign (id) on delete cascade,
    add foreign key (contact_id) references contacts_contact (id) on delete cascade;
alter table messaging_emailjob
    add foreign key (organization_id) references organizations_organization (id) on delete cascade,
    add foreign key (user_id) references auth_user (id) on delete set null,
    add foreign key (campaign_id) references messaging_campaign (id) on delete set null;
alter table messaging_emailrecipient
    add foreign key (contact_id) references contacts_contact (id) on delete set null,
    add foreign key (job_id) references messaging_emailjob (id) on delete cascade;
alter table messaging_inboundmessage
    add foreign key (contact_id) references contacts_contact (id) on delete set null,
    add foreign key (organization_id) references organizations_organization (id) on delete cascade;
alter table messaging_providerevent
    add foreign key (organization_id) references organizations_organization (id) on delete cascade,
    add foreign key (outbound_id) references messaging_outboundmessage (id) on delete set null;
alter table messaging_suppression
    add foreign key (organization_id) references organizations_organization (id) on delete cascade;
alter table monitoring_monitoringalert
    add foreign key (organization_id) references organizations_organization (id) on delete cascade;
