using Spillway.Access;
using Spillway.Backplane;
using Spillway.Events;
using Spillway.Mercure;
using Spillway.TestKit;
using Spillway.Tests.History;

namespace Spillway.Tests.Mercure;

public sealed class MercureCursorsTests : IDisposable
{
    private readonly CleaningRig _rig = new();

    public void Dispose() => _rig.Dispose();

    /// <summary>R4: where a rule keeps less of its topics, the tail of history says nothing of them.</summary>
    [Fact]
    public void Knows_RuleHasTakenWhatFollowed_IsTold()
    {
        using var rig = Fill();
        CleaningRig.Clean(rig);
        var cursors = new MercureCursors(CursorCodec.Plain, new Lazy<IBackplane>(() => new FixedBackplane(rig.History)));
        var (first, late) = (IdOf(1), IdOf(30));

        Assert.False(cursors.Knows(first, Selectors.Of("a")));
        Assert.True(cursors.Knows(first, Selectors.Of("b"))); // Of these all is here.
        Assert.True(cursors.Knows(late, Selectors.Of("a")));
        Assert.False(cursors.Knows("#unknown", Selectors.Of("b")));
        Assert.False(cursors.Knows("earliest", Selectors.Of("b")));

        string IdOf(long offset) => cursors.TextOf(new Position(rig.History.Epoch, offset));
    }

    /// <summary>What a publisher named may be gone, or be written only now: then it is as if it had no name.</summary>
    [Fact]
    public void OwnOf_EventsOfTheName_IsThatOfTheFirstThatIsThere()
    {
        using var rig = Fill();
        CleaningRig.Clean(rig);
        var backplane = new FixedBackplane(rig.History);
        var cursors = new MercureCursors(CursorCodec.Plain, new Lazy<IBackplane>(backplane));

        Assert.Equal("x", OwnOf());
        Assert.Equal("x", OwnOf(0, 2, rig.History.Head + 1)); // Before all, taken by the rule, not yet written.
        Assert.Equal(IdOf(3), OwnOf(0, 2, 3, 5));
        Assert.Equal(IdOf(4), cursors.OwnOf(IdOf(4), MercureGrants.None));
        Assert.Equal("earliest", cursors.OwnOf("earliest", MercureGrants.None));

        Assert.Equal(IdOf(2), OwnOfFor(MercureGrants.Of(GrantSet.Everything), 0, 2, 3)); // They may see everything, whosever it was.

        string IdOf(long offset) => cursors.TextOf(new Position(rig.History.Epoch, offset));

        string OwnOf(params long[] offsets) => OwnOfFor(MercureGrants.None, offsets);

        string OwnOfFor(MercureGrants grants, params long[] offsets)
        {
            backplane.Named = [.. offsets.Select(offset => new Position(rig.History.Epoch, offset))];
            return cursors.OwnOf("x", grants);
        }
    }

    /// <summary>A private event is to be seen by who is granted one of its topics; its name by nobody else.</summary>
    [Theory]
    [InlineData("a", true)]
    [InlineData("a/2", true)]
    [InlineData("a/3", true)]
    [InlineData("a/*", true)]
    [InlineData("a/4", false)]
    [InlineData("b", false)]
    public void OwnOf_PrivateEvent_IsFoundByWhatIsGrantedOfItsTopics(string granted, bool isFound)
    {
        using var rig = _rig.InMemory(CleaningRig.Limits());
        var offset = rig.Append("a", alternates: ["a/2", "a/3"], flags: EventFlags.Private);
        var position = new Position(rig.History.Epoch, offset);
        var cursors = new MercureCursors(CursorCodec.Plain, new Lazy<IBackplane>(new FixedBackplane(rig.History) { Named = [position] }));
        Assert.True(GrantSet.TryCreate([granted], 1, out var grants, out _));

        Assert.Equal(isFound ? cursors.TextOf(position) : "x", cursors.OwnOf("x", MercureGrants.Of(grants)));
    }

    /// <summary>Publishers are as many as like to give the same id, and each of their events is read by who asks for it.</summary>
    [Fact]
    public void OwnOf_ManyEventsOfTheName_LooksAtTheFirst()
    {
        using var rig = _rig.InMemory(CleaningRig.Limits());
        var offset = rig.Append("a");
        var backplane = new FixedBackplane(rig.History);
        var cursors = new MercureCursors(CursorCodec.Plain, new Lazy<IBackplane>(backplane));

        Assert.Equal("x", OwnOfBehind(MercureIds.MostNamesakes));
        Assert.NotEqual("x", OwnOfBehind(MercureIds.MostNamesakes - 1));

        string OwnOfBehind(int hidden)
        {
            backplane.Named = [.. Enumerable.Repeat(0L, hidden).Append(offset).Select(at => new Position(rig.History.Epoch, at))];
            return cursors.OwnOf("x", MercureGrants.None);
        }
    }

    [Fact]
    public void MayLackUpTo_NothingWasTaken_IsTheOffsetItself()
    {
        using var rig = Fill();
        Assert.Equal(0, rig.History.MayLackUpTo(0));

        CleaningRig.Clean(rig);

        var lacking = rig.History.MayLackUpTo(0);
        Assert.InRange(lacking, 6, rig.History.Head); // Three of "a" are gone.
        Assert.Equal(lacking, rig.History.MayLackUpTo(lacking)); // All is there.
    }

    /// <summary>A history of 19 events of "b" and 19 of "a", of which a rule keeps 16, once it is cleaned.</summary>
    private HistoryRig Fill()
    {
        var rig = _rig.InMemory(CleaningRig.Limits(new TopicRule { Pattern = "a", MaxEvents = 16 }));
        for (var i = 0; i < 19; i++)
        {
            rig.Append("b");
            rig.Append("a");
        }

        return rig;
    }
}
