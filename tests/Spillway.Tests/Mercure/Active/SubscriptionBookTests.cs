using Spillway.Access;
using Spillway.Mercure;
using Spillway.Mercure.Active;

namespace Spillway.Tests.Mercure.Active;

public sealed class SubscriptionBookTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20); // Real time: only a test that fails waits so long.

    [Fact]
    public void TryTake_MoreChangesThanTheBound_LosesTheRestAndCountsIt()
    {
        var book = new SubscriptionBook(mostChanges: 2);

        foreach (var subscriber in Enumerable.Range(0, 5).Select(_ => Make(book)))
        {
            subscriber.Begun();
        }

        Assert.Equal((5, 3L), (book.Count, book.Dropped)); // All of them are listed.
        Assert.True(book.TryTake(out _) && book.TryTake(out _));
        Assert.False(book.TryTake(out _));
    }

    [Fact]
    public void TryTake_SeveralChanges_ComeInTheirOrder()
    {
        var book = new SubscriptionBook(mostChanges: 10);
        var all = Enumerable.Range(0, 4).Select(_ => Make(book)).ToList();
        all.ForEach(static one => one.Begun());
        book.TakeOver();
        all.ForEach(static one => one.Ended());

        var taken = new List<Subscriber>();
        while (book.TryTake(out var subscriber))
        {
            taken.Add(subscriber);
        }

        Assert.Equal([.. all, .. all], taken);
    }

    [Fact]
    public void Ended_IsListedNoMore()
    {
        var book = new SubscriptionBook(mostChanges: 10);
        var subscriber = Make(book, "a");

        subscriber.Begun();
        Assert.True(subscriber.IsActive && book.TryGet(subscriber.Id, out _));
        Assert.Single(book.Find(static entry => entry.Match == "a", 10));
        subscriber.Ended();

        Assert.False(subscriber.IsActive || book.TryGet(subscriber.Id, out _));
        Assert.Empty(book.Find(static _ => true, 10));
    }

    [Fact]
    public void Begun_WhileTheBookIsRead_WaitsForNothing()
    {
        var book = new SubscriptionBook(mostChanges: 10);
        var (listed, comes) = (Make(book, "a"), Make(book, "b"));
        listed.Begun();
        var hasBegun = false;

        var found = book.Find(
            _ =>
            {
                var loop = new Thread(comes.Begun);
                loop.Start();
                hasBegun = loop.Join(Patience);
                return true;
            },
            10);

        Assert.Equal((true, 1), (hasBegun, found.Count));
        Assert.Equal(2, book.Count);
    }

    [Fact]
    public void Count_LoopsComeAndGoMeanwhile_IsExactInTheEnd()
    {
        var book = new SubscriptionBook(mostChanges: 100_000);
        var loops = Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (var i = 0; i < 2_000; i++)
            {
                var subscriber = Make(book, "a");
                subscriber.Begun();
                if (i % 4 != 0)
                {
                    subscriber.Ended();
                }
            }
        })).ToList();
        loops.ForEach(static loop => loop.Start());
        while (loops.Exists(static loop => loop.IsAlive))
        {
            Assert.InRange(book.Count, 0, 2_000 + loops.Count); // A loop may be between two words.
        }

        var changes = 0;
        while (book.TryTake(out _))
        {
            changes++;
        }

        Assert.Equal((2_000, 2_000, 14_000), (book.Count, book.Find(static entry => entry.Match == "a", 10_000).Count, changes));
    }

    internal static Subscriber Make(SubscriptionBook book, params string[] topics) =>
        new(new AccessTicket(), [.. topics.Select(static topic => new SubscriptionEntry(Dialect.Draft8, "exact", topic, null))], book);
}
