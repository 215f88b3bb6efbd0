using Spillway.Transports.Parked;

namespace Spillway.Tests.Transports.Parked;

public sealed class ReadyTableTests
{
    private readonly ReadyTable _table = new();

    [Fact]
    public void Find_RemovedAndItsPlaceTakenAgain_FindsNobodyByTheOldNumber()
    {
        var (first, second) = (new Target(), new Target());
        var old = _table.Add(first);
        _table.Remove(old);

        var place = _table.Add(second);

        Assert.Equal((uint)old, (uint)place);
        Assert.Null(_table.Find(old));
        Assert.Same(second, _table.Find(place));
    }

    [Fact]
    public void Remove_Twice_LeavesWhoHasThePlaceNow()
    {
        var old = _table.Add(new Target());
        _table.Remove(old);
        var place = _table.Add(new Target());

        _table.Remove(old);

        Assert.NotNull(_table.Find(place));
        Assert.False(_table.IsEmpty);
    }

    [Fact]
    public void Add_Many_AllAreFoundAndNumbersArePositive()
    {
        var targets = Enumerable.Range(0, 1_000).Select(static _ => new Target()).ToList();

        var places = targets.ConvertAll(_table.Add);

        Assert.All(places, static place => Assert.True(place >= 0));
        Assert.Equal(targets, places.Select(place => (Target)_table.Find(place)!));
        Assert.Equal(targets, _table.All());
        places.ForEach(_table.Remove);
        Assert.True(_table.IsEmpty);
    }

    [Theory]
    [InlineData(-1L)]
    [InlineData(5L)]
    [InlineData(long.MaxValue)]
    public void Find_NeverGiven_FindsNobody(long number) => Assert.Null(_table.Find(number));

    private sealed class Target : IReady
    {
        public void OnReady(SocketEvents events) => throw new NotSupportedException();

        public void OnStop() => throw new NotSupportedException();
    }
}
