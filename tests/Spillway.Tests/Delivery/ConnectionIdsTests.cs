using Spillway.Delivery;

namespace Spillway.Tests.Delivery;

public sealed class ConnectionIdsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Find_RandomComingsAndGoings_KnowsExactlyThoseThatAreThere(int seed)
    {
        using var ids = new ConnectionIds();
        var (random, there, free) = (new Random(seed), new Dictionary<int, ulong>(), new Stack<int>(Enumerable.Range(0, 5_000)));
        var gone = new List<ulong>();
        for (var step = 0; step < 40_000; step++)
        {
            if (there.Count == 0 || (free.Count > 0 && random.Next(100) < (step / 10_000 % 2 == 0 ? 70 : 30)))
            {
                var number = free.Pop();
                there[number] = (ulong)random.Next(seed == 3 ? 4 : int.MaxValue) << 8 | (ulong)random.Next() << 40 | (uint)number << 16; // With few homes, long runs of them.
                ids.Add(number, there[number]);
            }
            else
            {
                var number = there.Keys.ElementAt(random.Next(Math.Min(there.Count, 50)));
                gone.Add(there[number]);
                ids.Remove(number);
                there.Remove(number);
                free.Push(number);
            }
        }

        Assert.All(there, entry => Assert.Equal((entry.Key, entry.Value), (ids.Find(entry.Value), ids[entry.Key])));
        Assert.All(gone.Except(there.Values), id => Assert.Equal(-1, ids.Find(id)));
    }

    [Fact]
    public void Remove_NumberThatWasNeverAdded_ChangesNothing()
    {
        using var ids = new ConnectionIds();
        ids.Add(7, 0x1700);
        ids.Remove(8);
        ids.Remove(1_000_000);

        Assert.Equal(7, ids.Find(0x1700));
    }

    [Theory]
    [InlineData("c-0123456789abcdef", true)]
    [InlineData("c-0123456789abcde", false)]
    [InlineData("c-0123456789abcdef0", false)]
    [InlineData("c-0123456789ABCDEF", false)] // One text for each connection.
    [InlineData("c-0123456789abcdeg", false)]
    [InlineData("c- 123456789abcdef", false)]
    [InlineData("d-0123456789abcdef", false)]
    [InlineData("", false)]
    public void TryParse_Text_IsAnIdOnlyAsItIsWritten(string text, bool isId)
    {
        Assert.Equal(isId, ConnectionId.TryParse(text, out var id));
        Assert.Equal(isId ? text : "c-0000000000000000", ConnectionId.Format(id));
    }

    [Fact]
    public void Next_LoopOfIt_IsTheOneItWasMadeFor() =>
        Assert.All(Enumerable.Range(0, ConnectionId.MaxLoops), static loop => Assert.Equal(loop, ConnectionId.LoopOf(ConnectionId.Next(loop))));
}
