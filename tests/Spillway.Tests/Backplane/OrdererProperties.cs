using Spillway.Backplane;
using Spillway.Events;
using static Spillway.Tests.Backplane.Batches;

namespace Spillway.Tests.Backplane;

/// <summary>Random batches, refused and repeated ones among them, against a model of a few lines that takes them one by one.</summary>
public sealed class OrdererProperties
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Process_AnyBatchesInAnyRounds_IsWhatAPlainModelSays(int seed)
    {
        var random = new Random(seed);
        using var rig = new OrdererRig();
        var model = new Model();
        for (var round = 0; round < 300; round++)
        {
            var batches = Enumerable.Range(0, random.Next(1, 6)).Select(_ => NextBatch(random)).ToArray();

            var outcomes = rig.Process([.. batches.Select(static batch => Of("", batch.Ephemeral ? EventFlags.Ephemeral : EventFlags.None, batch.Events))]);

            foreach (var (batch, outcome) in batches.Zip(outcomes))
            {
                var (status, index, accepted, duplicates, last) = model.Publish(batch.Events, batch.Ephemeral);
                Assert.Equal((status, index, accepted, duplicates), (outcome.Status, outcome.Index, outcome.Accepted, outcome.Duplicates));
                Assert.Equal(status == PublishStatus.Committed ? last : 0, outcome.Last.Offset);
            }
        }

        Assert.Equal(model.Delivered, rig.Sink.Records.Select(static record => (EventRecord.OffsetOf(record), new EventRecord(record).EphemeralNumber)).ToList());
        Assert.Equal(model.Delivered.Where(static place => place.Number == 0).Select(static place => place.Offset), rig.History.Records.Select(static record => EventRecord.OffsetOf(record)));
    }

    private static (PushEvent[] Events, bool Ephemeral) NextBatch(Random random)
    {
        var ephemeral = random.Next(4) == 0;
        var events = Enumerable.Range(0, random.Next(1, 5)).Select(_ => Event(
            $"t{random.Next(40)}",
            $"{random.Next(2)}",
            id: random.Next(2) == 0 ? $"id-{random.Next(60)}" : null,
            final: !ephemeral && random.Next(25) == 0));
        return ([.. events], ephemeral);
    }

    private sealed class Model
    {
        private Dictionary<string, (string What, long Offset)> _ids = [];
        private HashSet<string> _ended = [];
        private long _last;
        private uint _number;

        public List<(long Offset, uint Number)> Delivered { get; private set; } = [];

        public (PublishStatus Status, int Index, int Accepted, int Duplicates, long Last) Publish(PushEvent[] events, bool ephemeral)
        {
            var before = (Ids: new Dictionary<string, (string, long)>(_ids), Ended: new HashSet<string>(_ended), _last, _number, Delivered: Delivered.ToList());
            var (accepted, duplicates, last) = (0, 0, _last);
            for (var index = 0; index < events.Length; index++)
            {
                var source = events[index];
                var what = $"{source.Topic} {source.Payload.Span[0]} {source.Final}";
                var known = source.Id is not null && _ids.TryGetValue(source.Id, out var found) ? found : default;
                if (known.What == what)
                {
                    duplicates++;
                    last = known.Offset;
                    continue;
                }

                if (known.What is not null || _ended.Contains(source.Topic))
                {
                    (_ids, _ended, _last, _number, Delivered) = before;
                    return (known.What is not null ? PublishStatus.IdReused : PublishStatus.TopicEnded, index, 0, 0, 0);
                }

                (_last, _number) = ephemeral ? (_last, _number + 1) : (_last + 1, 0);
                Delivered.Add((_last, _number));
                last = _last;
                accepted++;
                _ = source.Final && _ended.Add(source.Topic);
                if (source.Id is not null)
                {
                    _ids.Add(source.Id, (what, _last));
                }
            }

            return (PublishStatus.Committed, -1, accepted, duplicates, last);
        }
    }
}
