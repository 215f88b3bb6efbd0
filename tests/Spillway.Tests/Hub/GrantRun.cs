using System.Text;
using Spillway.Access;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.History.Storage;
using Spillway.Hub;
using Spillway.TestKit;
using Spillway.Transports;

namespace Spillway.Tests.Hub;

/// <summary>One random history of a hub with subscribers whose grants are other ones whenever they come back.</summary>
internal sealed class GrantRun : IAsyncDisposable
{
    private const string Last = "fin"; // Everybody asks for it, and has it.

    private static readonly string[] Segments = ["a", "b", "c"];
    private static readonly string[] Wild = ["a", "b", "c", "*"];
    private static readonly string[] Topics =
        [.. Segments, .. from one in Segments from two in Segments select $"{one}/{two}", .. from one in Segments from two in Segments from three in Segments select $"{one}/{two}/{three}"];

    private readonly Random _random;
    private readonly GrantTally _tally;
    private readonly HubHarness _harness;
    private readonly CursorCodec _cursors;
    private readonly List<(long Offset, string[] Topics)> _published = [];

    private readonly int _most; // Events at a time.
    private readonly bool _isShort; // History is.
    private readonly bool _isLossy; // Rules give up what slow connections are behind.

    public GrantRun(int seed, GrantTally tally)
    {
        (_random, _tally, Seed) = (new Random(seed), tally, seed);
        var options = SmallHub.Small();
        options.Delivery.Loops = _random.Next(1, 3);
        _isShort = _random.Next(3) == 0; // Then a replay begins with a gap.
        options.History.MaxEvents = _isShort ? 60 : options.History.MaxEvents;
        _isLossy = _random.Next(3) == 0;
        if (_isLossy)
        {
            options.Rules.Add(new TopicRule { Pattern = Last }); // What is waited for comes in any case.
            options.Rules.Add(new TopicRule { Pattern = RandomPattern(), Overflow = OverflowPolicy.DropOldest, BacklogEvents = _random.Next(1, 10) });
            options.Rules.Add(new TopicRule { Pattern = RandomPattern(), Overflow = OverflowPolicy.DropNewest, BacklogEvents = _random.Next(1, 10), Priority = EventPriority.Critical });
        }

        _most = _isShort ? 20 : 60;
        _cursors = seed % 2 == 0 ? new PlainCursors() : new SealedCursors(CursorKeyFile.Make());
        _harness = new HubHarness(options, seed, faultRate: _random.Next(3) * 0.2, cursors: _cursors);
    }

    private int Seed { get; }

    public async Task JudgeAsync()
    {
        for (var i = 0; i < 4; i++)
        {
            Publish(_random.Next(_most));
            await FollowAsync();
        }
    }

    public ValueTask DisposeAsync() => _harness.DisposeAsync();

    /// <summary>One subscriber: some connections, each from where the last one was, with grants of its own.</summary>
    private async Task FollowAsync()
    {
        var asked = RandomSelectors();
        var cursor = _random.Next(2) == 0 ? 0 : _harness.History.Head;
        for (var connections = _random.Next(2, 6); connections > 0; connections--)
        {
            var grants = RandomGrants();
            var reduction = grants.Reduce(asked, most: 1_000);
            if (!reduction.IsGranted)
            {
                CheckRefusal(asked, grants, reduction);
                continue;
            }

            cursor = await ConnectAsync(asked, grants, reduction.Granted, cursor);
        }
    }

    private async Task<long> ConnectAsync(SelectorSet asked, GrantSet grants, SelectorSet granted, long cursor)
    {
        var revocations = new Revocations(1, null, _harness.Clock);
        var ticket = new AccessTicket { Subject = "ann", Subscribe = grants, Revocations = revocations };
        var request = new SubscriptionRequest(granted, WireFormat.SseRaw, Signals: true)
        {
            Start = StartKind.Cursor,
            Cursor = _cursors.TextOf(new Position(_harness.History.Epoch, cursor)),
            Lease = AccessLease.Of(ticket, asked, granted),
        };
        var (subscription, connection) = await _harness.ConnectAsync(request);
        var judge = new GrantJudge(Seed, asked, cursor, grants, _tally, isLossy: _isLossy, _cursors);
        connection.Stalled = _random.Next(4) == 0;
        Publish(_random.Next(_most));
        for (var renewals = _random.Next(3); renewals > 0; renewals--)
        {
            await RenewAsync(subscription, connection, asked, judge, revocations);
            Publish(_random.Next(_most / 3));
        }

        connection.Stalled = false;
        _harness.Resume();
        if (_random.Next(5) == 0)
        {
            await RevokeAsync(connection, revocations);
            judge.Check(_published, connection, end: null);
            return cursor;
        }

        var end = Publish(Last);
        var sentinel = Encoding.UTF8.GetBytes($"data: {end} xxx\n\n"); // To its end: of a part nothing is dispatched.
        await _harness.UntilAsync(() => connection.HasLast(sentinel) || connection.Reason is not null, $"the last event of seed {Seed}");
        if (connection.Reason is not null)
        {
            // Retention has the rest of an event that was cut: a new stream alone can go on from there.
            Assert.True(_isShort && connection.Reason == CloseReason.Failed, $"Seed {Seed}: ended, {connection.Reason}, before the last event.");
            judge.Check(_published, connection, end: null);
            return cursor;
        }

        connection.Drop();
        await connection.Running;
        judge.Check(_published, connection, end);
        return end;
    }

    /// <summary>Other grants take the place of those before, or are refused as those of a subscription would be.</summary>
    private async Task RenewAsync(Subscription subscription, TestConnection connection, SelectorSet asked, GrantJudge judge, Revocations revocations)
    {
        var grants = RandomGrants();
        var ticket = new AccessTicket { Subject = "ann", Subscribe = grants, Revocations = revocations };
        long? changed = null;
        var renewing = LeaseRenewal.RenewAsync(subscription.Live, ticket, most: 1_000, "Limits:SelectorsInBody", position =>
        {
            changed = position.Offset;
            return [];
        }).AsTask();
        Publish(_random.Next(_most / 3)); // While it waits for a connection that takes nothing.
        connection.Stalled = false;
        await _harness.UntilAsync(
            () =>
            {
                _harness.Resume();
                return renewing.IsCompleted;
            },
            $"a renewal of seed {Seed}");
        if (await renewing is not null)
        {
            CheckRefusal(asked, grants, grants.Reduce(asked, most: 1_000));
        }
        else if (changed is { } behind)
        {
            judge.Change(behind, grants);
            _tally.Renewed++;
        }
    }

    /// <summary>What allows the connection is taken back: what is published from then on does not come, and it ends.</summary>
    private async Task RevokeAsync(TestConnection connection, Revocations revocations)
    {
        Assert.True(revocations.TryAdd(new Revocation(RevocationKind.Subject, "ann", _harness.Clock.GetUtcNow(), null)));
        _harness.Hub.ReviewLeases();
        foreach (var loop in _harness.Hub.Loops)
        {
            await loop.AskAsync(static _ => true);
            await loop.AskAsync(static _ => true); // In a later turn than the review.
        }

        Publish(_random.Next(1, 5));
        await _harness.UntilAsync(() => connection.Reason is not null, $"the end of seed {Seed}");
        var isGone = _isShort && connection.Reason == CloseReason.Failed; // Retention had the rest of an event that was cut, before the review came.
        Assert.True(isGone || connection.Reason is CloseReason.Revoked or CloseReason.CutOff or CloseReason.ClientClosed, $"Seed {Seed}: {connection.Reason}");
        _tally.Revoked++;
        var late = Encoding.UTF8.GetBytes($"data: {_published[^1].Offset} ");
        Assert.False(connection.HasLast(late), $"Seed {Seed}: {_published[^1].Offset} came behind the revocation.");
    }

    private void CheckRefusal(SelectorSet asked, GrantSet grants, Reduction reduction)
    {
        _tally.Refused++;
        Assert.True(reduction.Kind == RefusalKind.Topic
            ? !grants.Allows(Encoding.UTF8.GetBytes(reduction.Refused))
            : !Topics.Any(topic => Selectors.Pattern(reduction.Refused).Matches(Encoding.UTF8.GetBytes(topic)) && grants.Allows(Encoding.UTF8.GetBytes(topic))), $"Seed {Seed}: {reduction.Refused}");
        Assert.Contains(reduction.Refused, asked.Topics.Select(Encoding.UTF8.GetString).Concat(asked.Patterns.Select(static pattern => pattern.Text)));
    }

    private void Publish(int count)
    {
        for (; count > 0; count--)
        {
            Publish([.. Enumerable.Range(0, _random.Next(3) == 0 ? _random.Next(2, 5) : 1).Select(_ => Topics[_random.Next(Topics.Length)]).Distinct()]);
            if (_random.Next(10) == 0)
            {
                _harness.Resume();
            }
        }
    }

    private long Publish(params string[] topics)
    {
        var offset = _harness.History.NextOffset;
        var payload = Encoding.UTF8.GetBytes($"{offset} {new string('x', topics[0] != Last && _random.Next(4) == 0 ? _random.Next(2_000) : 3)}");
        _harness.Publish(new PushEvent { Topic = topics[0], Alternates = topics[1..], Payload = payload, Private = _random.Next(2) == 0 });
        _published.Add((offset, topics));
        return offset;
    }

    private SelectorSet RandomSelectors() => Selectors.Of(
        Enumerable.Range(0, _random.Next(3)).Select(_ => Topics[_random.Next(Topics.Length)]).Concat(Enumerable.Range(0, _random.Next(1, 3)).Select(_ => RandomPattern())).Append(Last).Distinct());

    private GrantSet RandomGrants()
    {
        var texts = Enumerable.Range(0, _random.Next(1, 7)).Select(_ => _random.Next(3) == 0 ? Topics[_random.Next(Topics.Length)] : RandomPattern()).Append(Last).ToArray();
        return GrantSet.TryCreate(texts, 100, out var grants, out var fault) ? grants : throw new InvalidOperationException(fault);
    }

    private string RandomPattern()
    {
        var segments = Enumerable.Range(0, _random.Next(1, 4)).Select(_ => Wild[_random.Next(Wild.Length)]);
        return string.Join('/', _random.Next(3) == 0 ? segments.Append("**") : segments);
    }
}
