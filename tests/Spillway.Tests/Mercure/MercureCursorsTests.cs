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
    public void Known_RuleHasTakenWhatFollowed_IsTold()
    {
        using var rig = _rig.InMemory(CleaningRig.Limits(new TopicRule { Pattern = "a", MaxEvents = 16 }));
        for (var i = 0; i < 19; i++)
        {
            rig.Append("b");
            rig.Append("a");
        }

        CleaningRig.Clean(rig);
        var cursors = new MercureCursors(CursorCodec.Plain, new Lazy<IBackplane>(() => new FixedBackplane(rig.History)));
        var (first, late) = (IdOf(1), IdOf(30));

        Assert.Equal("earliest", cursors.Known(first, Selectors.Of("a"), mayLack: true));
        Assert.Equal(first, cursors.Known(first, Selectors.Of("b"), mayLack: true)); // Of these all is here.
        Assert.Equal(late, cursors.Known(late, Selectors.Of("a"), mayLack: true));
        Assert.Equal("earliest", cursors.Known("#unknown", Selectors.Of("b"), mayLack: true));

        string IdOf(long offset) => cursors.TextOf(new Position(rig.History.Epoch, offset));
    }

    [Fact]
    public void AnyRetention_RulesWithBoundsOfTheirOwn_IsTrueAndStaysSo()
    {
        var book = new RuleBook([new TopicRule { Pattern = "a", MaxAge = TimeSpan.FromMinutes(1) }]);
        var other = new RuleBook([new TopicRule { Pattern = "a", Priority = EventPriority.Low }]);

        Assert.True(book.TryChange([], 0, static _ => false, out _));

        Assert.Equal((true, false), (book.Current.AnyRetention, other.Current.AnyRetention));
    }
}
