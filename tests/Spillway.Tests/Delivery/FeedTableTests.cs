using Spillway.Delivery;

namespace Spillway.Tests.Delivery;

public sealed class FeedTableTests
{
    [Fact]
    public void Join_EqualSets_ShareOneFeedAndOneEntry()
    {
        using var connections = new ConnectionTable(10);
        using var feeds = new FeedTable(connections, 10, 10);

        var (first, second) = (connections.Add(), connections.Add());
        feeds.Join(first, [1, 2], exactOnly: true);
        Assert.Equal([first], feeds.Subscribers(1).ToArray()); // Alone in its feed: the connection itself.
        feeds.Join(second, [1, 2], exactOnly: true);

        Assert.Equal(1, feeds.Count);
        Assert.True(FeedTable.IsFeed(Assert.Single(feeds.Subscribers(2).ToArray()), out var feed));
        Assert.Equal([first, second], feeds[feed].Members.Items.ToArray());
        feeds.Leave(first);
        Assert.Equal([second], feeds.Subscribers(2).ToArray());
        feeds.Leave(second);
        Assert.Equal(0, feeds.Count);
        Assert.True(feeds.Subscribers(1).IsEmpty);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void JoinAndLeave_ManyTimes_AgreesWithALookup(int seed)
    {
        var random = new Random(seed);
        using var connections = new ConnectionTable(400);
        using var feeds = new FeedTable(connections, 400, 40);
        var model = new Dictionary<int, int[]>();
        for (var i = 0; i < 8_000; i++)
        {
            if (model.Count < 400 && random.Next(model.Count < 100 ? 3 : 2) > 0)
            {
                var set = Enumerable.Range(0, 40).Where(_ => random.Next(random.Next(2) == 0 ? 30 : 8) == 0).Append(random.Next(40)).Distinct().Order().ToArray();
                var connection = connections.Add();
                feeds.Join(connection, set, exactOnly: true);
                model.Add(connection, set);
            }
            else if (model.Count > 0)
            {
                var connection = model.Keys.ElementAt(random.Next(model.Count));
                feeds.Leave(connection);
                connections.Remove(connection);
                model.Remove(connection);
            }

            var strand = random.Next(40);
            Assert.Equal(model.Where(entry => entry.Value.Contains(strand)).Select(static entry => entry.Key).Order(), Expand(feeds, strand).Order());
        }

        Assert.Equal(model.Values.Select(static set => string.Join(',', set)).Distinct().Count(), feeds.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void IntMap_RandomAddsAndRemoves_AgreesWithADictionary(int seed)
    {
        var random = new Random(seed);
        using var map = new IntMap();
        var model = new Dictionary<int, int>();
        for (var i = 0; i < 50_000; i++)
        {
            var key = random.Next(3) == 0 ? random.Next(int.MaxValue - 1) : random.Next(2_000);
            if (model.Remove(key))
            {
                map.Remove(key);
            }
            else if (random.Next(3) > 0 || model.Count < 500)
            {
                var value = random.Next();
                map.Add(key, value);
                model.Add(key, value);
            }
            else
            {
                map.Remove(key); // Not there: nothing happens.
            }

            Assert.Equal(model.Count, map.Count);
            var asked = random.Next(2_000);
            Assert.Equal(model.TryGetValue(asked, out var expected), map.TryGetValue(asked, out var actual));
            Assert.Equal(model.ContainsKey(asked) ? expected : -1, actual);
        }

        Assert.All(model, entry => Assert.True(map.TryGetValue(entry.Key, out var value) && value == entry.Value));
    }

    [Fact]
    public void IntList_RandomAddsAndRemoves_AgreesWithAList()
    {
        var random = new Random(5);
        var list = default(IntList);
        var model = new List<int>();
        for (var i = 0; i < 20_000; i++)
        {
            if (random.Next(5) < 3 && model.Count < 300)
            {
                Assert.Equal(model.Count, list.Add(i));
                model.Add(i);
            }
            else if (model.Count > 0)
            {
                var place = random.Next(model.Count);
                list.RemoveAt(place);
                model[place] = model[^1];
                model.RemoveAt(model.Count - 1);
            }

            Assert.True(list.Items.SequenceEqual([.. model]));
        }

        list.Free();
        Assert.Equal(0, list.Count);
    }

    [Fact]
    public void ConnectionTable_NumberUsedAgain_HasAnotherGeneration()
    {
        using var connections = new ConnectionTable(2_000);
        var numbers = Enumerable.Range(0, 1_500).Select(_ => connections.Add()).ToList(); // The arrays of deadlines have grown.
        var generation = connections[7].Generation;
        connections.Seen(7) = 9;
        Assert.Equal(Enumerable.Range(0, 1_500), numbers);

        connections.Remove(7);
        Assert.False(connections.IsCurrent(7, generation));
        Assert.Equal(7, connections.Add());
        connections[7].State = ConnectionState.Live;

        Assert.False(connections.IsCurrent(7, generation));
        Assert.True(connections.IsCurrent(7, generation + 1));
        Assert.Equal((ConnectionTable.Never, ConnectionTable.Never, 0L), (connections.Deadline(7), connections.Lifetime(7), connections.Seen(7)));
        Assert.Equal(1_500, connections.Count);
        Assert.Equal(1_500, connections.End);
    }

    private static List<int> Expand(FeedTable feeds, int strand)
    {
        var found = new List<int>();
        foreach (var entry in feeds.Subscribers(strand))
        {
            if (FeedTable.IsFeed(entry, out var feed))
            {
                found.AddRange(feeds[feed].Members.Items);
            }
            else
            {
                found.Add(entry);
            }
        }

        return found;
    }
}
