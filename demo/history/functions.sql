-- Pure functions of (row number, salt), the seed baked in: the same seed gives the same data in whatever order rows are made.
-- Declared stable though they are pure: adding to a timestamptz is only stable to PostgreSQL, and it inlines no function
-- that promises more than its body; without inlining the fill takes twice as long.

-- A number in (0, 1), uniform.
create function simulator.unit(n bigint, salt bigint) returns double precision
language sql stable parallel safe
return ((hashint8extended(n, salt * 1000003 + %(seed)s::bigint) & 4503599627370495) + 0.5::double precision)
    / 4503599627370496::double precision;

-- A duration in seconds, log-logistic: close to lognormal, with the heavier tail that callbacks have.
create function simulator.seconds(u double precision, median double precision, sigma double precision)
returns double precision language sql stable parallel safe
return median * exp(sigma * 0.5513 * ln(u / (1 - u)));

-- A time moved on by seconds, to the microsecond.
create function simulator.later(moment timestamptz, seconds double precision) returns timestamptz
language sql stable parallel safe
return moment + seconds * interval '1 second';

create function simulator.first_name(n bigint) returns text language sql stable parallel safe
return (array['Anna','Luca','Giulia','Marco','Sofia','Paolo','Chiara','Davide','Elena','Matteo','Sara','Andrea','Marta',
    'Simone','Laura','Fabio','Irene','Nicola','Alice','Pietro','Nora','Tommaso','Silvia','Enrico','Emma','Franco'])
    [1 + floor(26 * simulator.unit(n, 201))::int];

create function simulator.last_name(n bigint) returns text language sql stable parallel safe
return (array['Rossi','Bianchi','Ferrari','Russo','Romano','Gallo','Costa','Fontana','Conti','Ricci','Bruno','Moretti',
    'Greco','Lombardi','Barbieri','Giordano','Rinaldi','Colombo','Mancini','Longo','Leone','Martini','Serra','Villa',
    'Marini','Sanna','Fabbri','Testa','Grassi','Pellegrini','Palumbo'])[1 + floor(31 * simulator.unit(n, 202))::int];

-- A contact's address, under the domains that RFC 2606 keeps for examples.
create function simulator.email(contact_id bigint) returns text language sql stable parallel safe
return lower(simulator.first_name(contact_id) || '.' || simulator.last_name(contact_id)) || contact_id || '@'
    || (array['example.com','mail.example.com','example.org','post.example.org','web.example.org'])
    [1 + floor(5 * simulator.unit(contact_id, 203))::int];

-- A contact's number, in the 555-01xx range that is kept for fiction.
create function simulator.phone(contact_id bigint) returns text language sql stable parallel safe
return '+1' || (200 + mod(contact_id / 100, 800)) || '55501' || lpad(mod(contact_id, 100)::text, 2, '0');

-- The id a provider gives to a message; n is unique over all sources.
create function simulator.provider_message_id(channel text, n bigint) returns text
language sql stable parallel safe
return case channel
    when 'whatsapp' then 'SM' || md5(n::text || ':' || %(seed)s::text)
    when 'email' then substr(md5(n::text || ':' || %(seed)s::text), 1, 22) || '.recvd-' || mod(n, 100000)
    when 'telegram' then (100000 + mod(n, 1000000000000))::text
    else 'mid.' || md5(n::text || ':' || %(seed)s::text)
end;

-- A text with its placeholders filled in.
create function simulator.render(words text, n bigint, contact_id bigint) returns text
language sql stable strict parallel safe
return replace(replace(replace(replace(replace(replace(replace(replace(replace(words,
    '{email}', simulator.email(contact_id)),
    '{phone}', simulator.phone(contact_id)),
    '{host}', 'mail' || mod(n, 20) || '.example.org'),
    '{ip}', '192.0.2.' || 1 + floor(254 * simulator.unit(n, 211))::int),
    '{hex}', substr(md5(n || ':text'), 1, 16)),
    '{id}', floor(1e9 + 9e9 * simulator.unit(n, 212))::bigint::text),
    '{number}', (100 + floor(99900 * simulator.unit(n, 213)))::int::text),
    '{seconds}', (3 + floor(57 * simulator.unit(n, 214)))::int::text),
    '{digit}', (1 + floor(9 * simulator.unit(n, 215)))::int::text);
