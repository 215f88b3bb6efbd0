using Spillway.Access;
using Spillway.Mercure;
using Spillway.Mercure.Active;

namespace Spillway.Tests.Mercure.Active;

public sealed class SubscriptionBookTests
{
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
    public void Ended_IsListedNoMore()
    {
        var book = new SubscriptionBook(mostChanges: 10);
        var subscriber = Make(book);

        subscriber.Begun();
        Assert.True(subscriber.IsActive && book.TryGet(subscriber.Id, out _));
        subscriber.Ended();

        Assert.False(subscriber.IsActive || book.TryGet(subscriber.Id, out _));
        Assert.Empty(book.All);
    }

    internal static Subscriber Make(SubscriptionBook book, params string[] topics) =>
        new(new AccessTicket(), [.. topics.Select(static topic => new SubscriptionEntry(Dialect.Draft8, "exact", topic, null))], book);
}
