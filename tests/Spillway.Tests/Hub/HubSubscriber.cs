using Spillway.Delivery;
using Spillway.Hub;
using Spillway.TestKit;
using Spillway.Tests.Delivery.Model;

namespace Spillway.Tests.Hub;

/// <summary>A subscriber that connects, loses its connection and resumes by cursor; what it got is the model's to judge.</summary>
/// <param name="drops">How often it loses its connection, beside the times that the hub ends it.</param>
internal sealed class HubSubscriber(HubHarness harness, ModelLog log, ModelSubscriber model, int drops, Random random)
{
    private const int MostConnections = 20_000;

    public ModelSubscriber Model => model;

    /// <summary>Ends by the hub that nothing in the test explains.</summary>
    public List<CloseReason> Surprises { get; } = [];

    /// <summary>Whether it drops no connection any more; the hub may still end one.</summary>
    public bool IsSettled { get; private set; }

    /// <summary>Whether an event is among the last that any of its connections got: what comes behind it begins behind that event.</summary>
    public bool HasLast(byte[] bytes)
    {
        lock (log)
        {
            return model.Sessions.Exists(session => session.Connection.HasLast(bytes));
        }
    }

    public async Task RunAsync(int total, Func<bool> isOver)
    {
        for (var dropped = 0; model.Sessions.Count < MostConnections;)
        {
            var connection = Connect();
            var until = random.Next(total * (dropped + 1) / (drops + 1));
            connection.Stalled = dropped < drops && random.Next(3) == 0;
            IsSettled = dropped >= drops;
            await harness.UntilAsync(() => connection.Reason is not null || isOver() || (dropped < drops && log.Count >= until), "the publishers");
            connection.Stalled = false;
            if (connection.Reason is null)
            {
                if (dropped++ >= drops || isOver())
                {
                    return;
                }

                connection.Drop();
            }

            var reason = await connection.Running;
            if (reason == CloseReason.Shutdown)
            {
                return;
            }

            lock (log)
            {
                Read();
                if (!IsExpected(reason))
                {
                    Surprises.Add(reason);
                }
            }
        }
    }

    /// <summary>Under the log's lock.</summary>
    public void Read() => model.Last.Read(harness.Hub.Window.Tail, harness.History.Tail);

    private bool IsExpected(CloseReason reason) => reason switch
    {
        CloseReason.ClientClosed or CloseReason.WriteTimeout => true,
        CloseReason.Overflow => model.MayDisconnect,
        CloseReason.Failed => model.Last.Retained > 0, // Retention took the rest of a cut event.
        _ => false,
    };

    private TestConnection Connect()
    {
        var request = MakeRequest();
        if (request.Start != StartKind.Snapshot && random.Next(2) == 0)
        {
            var subscribed = Subscribe(request); // While others publish.
            lock (log)
            {
                return Run(subscribed, request.Start);
            }
        }

        lock (log)
        {
            return Run(Subscribe(request), request.Start);
        }
    }

    private Subscription Subscribe(SubscriptionRequest request)
    {
        Subscription? subscription = null;
        async Task SubscribeAsync() => subscription = await harness.Hub.SubscribeAsync(request, CancellationToken.None);
        _ = SubscribeAsync(); // A hub never waits: so it can be asked under the lock.
        return subscription ?? throw new InvalidOperationException("The hub refused the subscription.");
    }

    private TestConnection Run(Subscription subscription, StartKind start)
    {
        var isSnapshot = start == StartKind.Snapshot && subscription.Resume.Offset == harness.History.Tail;
        var connection = harness.Run(subscription);
        model.Sessions.Add(new ModelSession(connection, log, subscription.Resume.Offset)
        {
            Signals = model.Signals,
            MaybeSlow = true,
            IsWatched = false,
            Snapshot = isSnapshot ? model.Newest : null,
        });
        return connection;
    }

    private SubscriptionRequest MakeRequest()
    {
        var request = new SubscriptionRequest(model.Set, WireFormat.SseRaw, model.Signals) { Latest = model.Latest, Batch = model.Batch };
        if (model.Sessions.Count > 0)
        {
            return request with { Start = StartKind.Cursor, Cursor = new Spillway.Events.Position(harness.History.Epoch, model.Last.Cursor).ToString() };
        }

        return random.Next(8) switch
        {
            0 => request with { Start = StartKind.Earliest },
            1 => request with { Start = StartKind.Since, Since = harness.Clock.GetUtcNow().ToUnixTimeMilliseconds() - random.Next(5_000) },
            2 => request with { Start = StartKind.Last, Last = random.Next(1, 50) },
            3 => request with { Start = StartKind.Snapshot },
            _ => request,
        };
    }
}
