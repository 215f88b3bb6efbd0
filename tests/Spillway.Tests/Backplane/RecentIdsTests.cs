using Spillway.Backplane;
using Spillway.Events;
using Spillway.TestKit;

namespace Spillway.Tests.Backplane;

public sealed class RecentIdsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void AnyOperations_OverALongTime_AreWhatAListSays(int seed)
    {
        var random = new Random(seed);
        var ids = new RecentIds(new DedupOptions { Keys = 300, Window = TimeSpan.FromSeconds(1) });
        var model = new List<(UInt128 Key, ulong Content, int Name, long Offset, long Time)>();
        var now = 0L;
        for (var step = 0; step < 5_000; step++)
        {
            now += random.Next(3);
            ids.Expire(now);
            model.RemoveAll(entry => now - entry.Time >= 1_000);
            var mark = model.Count;
            for (var i = random.Next(8); i > 0; i--)
            {
                // Few low bits, so that chains are long.
                var key = new UInt128((ulong)random.Next(1, 1_000_000), (ulong)random.Next(16));
                if (model.All(entry => entry.Key != key))
                {
                    var (name, offset) = (random.Next(4), (step * 10L) + 10 - i); // 0 is none.
                    ids.Add(new RecordId(key, (ulong)step, (UInt128)name), offset, now);
                    model.Add((key, (ulong)step, name, offset, now));
                }
            }

            if (random.Next(5) == 0)
            {
                ids.RollBack(mark);
                model.RemoveRange(mark, model.Count - mark);
            }

            ids.Trim();
            model.RemoveRange(0, Math.Max(0, model.Count - 300));

            Assert.Equal(model.Count, ids.Count);
            foreach (var entry in model.Take(3).Concat(model.TakeLast(3)))
            {
                Assert.True(ids.TryFind(entry.Key, out var content, out var offset));
                Assert.Equal((entry.Content, entry.Offset), (content, offset));
            }

            for (var name = 1; name < 5; name++)
            {
                Assert.Equal(model.Where(entry => entry.Name == name).Select(static entry => entry.Offset), ids.FindNamed((UInt128)name, int.MaxValue)); // In the order of their events.
                Assert.Equal(model.Where(entry => entry.Name == name).Take(3).Select(static entry => entry.Offset), ids.FindNamed((UInt128)name, 3));
            }

            Assert.False(ids.TryFind(new UInt128(5_000_000, (ulong)random.Next(16)), out _, out _));
        }
    }

    [Fact]
    public void Of_NameInASpace_IsTheSameWhoeverGaveIt()
    {
        string[] texts = ["space/ann x", "space/ben x", "space/ann y", "other/ann x", "ann x", "x", "space/x"];
        RecordId[] ids = [.. texts.Select(static id => RecordId.Of([], new EventRecord(Records.Make(Batches.Event("a", "1", id: id), offset: 1))))];

        Assert.Equal(ids.Length, ids.Select(static id => id.Key).Distinct().Count());
        Assert.Equal([true, true, true, true, false, false, false], ids.Select(static id => id.Name != UInt128.Zero));
        Assert.Equal(ids[0].Name, ids[1].Name);
        Assert.Equal(3, ids.Where(static id => id.Name != UInt128.Zero).Select(static id => id.Name).Distinct().Count());
        Assert.Empty(ids.Select(static id => id.Key).Intersect(ids.Select(static id => id.Name)));
    }

    [Fact]
    public void Add_FieldsDividedElsewhere_AreOtherKeys()
    {
        UInt128 Hash(params byte[][] fields)
        {
            var hash = new KeyedHash();
            foreach (var field in fields)
            {
                hash.Add(field);
            }

            return hash.Finish();
        }

        var hashes = new HashSet<UInt128>
        {
            Hash([1, 2], [3]), Hash([1], [2, 3]), Hash([1, 2, 3]), Hash([1, 2, 3], []), Hash([], [1, 2, 3]), Hash([1, 2, 3, 0]), Hash(), Hash(Array.Empty<byte>()), Hash([0]), Hash(new byte[16]), Hash(new byte[17]),
        };

        Assert.Equal(11, hashes.Count);
        Assert.Contains(Hash([1, 2], [3]), hashes);
    }
}
