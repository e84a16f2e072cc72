-- One row a (channel, stage, slot of 1000): a text drawn by weight is one look-up.
create unlogged table simulator.text_slot as
with weighted as (
    select *,
        sum(weight) over (partition by channel, stage order by id) as upper_weight,
        sum(weight) over (partition by channel, stage) as total_weight
    from simulator.words
)
select slot, id as text_id, channel, stage, event, code, classification, words
from weighted
cross join lateral generate_series(
    ceil(1000.0 * (upper_weight - weight) / total_weight)::int, ceil(1000.0 * upper_weight / total_weight)::int - 1
) as slot;
