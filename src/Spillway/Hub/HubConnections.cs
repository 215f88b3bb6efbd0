using Spillway.Delivery;

namespace Spillway.Hub;

/// <summary>The connections of all loops, for those who know one by its id, or look for some.</summary>
internal sealed class HubConnections(PushHub hub)
{
    /// <summary>How many connections a loop looks at in one go: some hundred microseconds, in which it brings nobody anything.</summary>
    private const int SeenAtOnce = 4_096;

    /// <summary>How a connection stands; null where there is none with this id. One that is being opened is waited for.</summary>
    public async Task<ConnectionView?> FindAsync(ulong id, CancellationToken cancellationToken)
    {
        await hub.Coming.WaitAsync(id).WaitAsync(cancellationToken);
        return LoopOf(id) is { } loop ? await loop.AskAsync(asked => asked.Find(id)) : null;
    }

    /// <summary>What may be asked of a connection that was found.</summary>
    public LiveSubscription Live(ConnectionView connection) => new(hub.Dispatcher, LoopOf(connection.Id)!, connection);

    /// <summary>Ends a connection now, or, where it is being opened, as soon as it is. False where there is none with this id.</summary>
    public async Task<bool> EndAsync(ulong id, CloseReason reason, CancellationToken cancellationToken)
    {
        await hub.Coming.WaitAsync(id).WaitAsync(cancellationToken);
        return LoopOf(id) is { } loop && await loop.AskAsync(asked => asked.End(id, reason));
    }

    /// <summary>
    /// Connections that a filter lets through, loop by loop. It ends at <paramref name="most"/> of them, or when <paramref name="mostSeen"/> have been looked at: then <c>Next</c> is where to go on;
    /// null: there are no more.
    /// </summary>
    public async Task<(List<ConnectionView> Found, (int Loop, int Number)? Next)> ListAsync(ConnectionFilter filter, (int Loop, int Number) from, int most, int mostSeen)
    {
        var (found, number, seen) = (new List<ConnectionView>(), from.Number, 0);
        for (var loop = from.Loop; loop < hub.Loops.Count; loop++)
        {
            while (number >= 0)
            {
                if (found.Count == most || seen >= mostSeen)
                {
                    return (found, (loop, number));
                }

                var (asked, room) = (number, most - found.Count);
                var (page, next) = await hub.Loops[loop].AskAsync(running => running.List(asked, room, SeenAtOnce, filter));
                if (page is null)
                {
                    break; // It has stopped.
                }

                found.AddRange(page);
                (number, seen) = (next, seen + SeenAtOnce);
            }

            number = 0;
        }

        return (found, null);
    }

    private DeliveryLoop? LoopOf(ulong id) => ConnectionId.LoopOf(id) is var loop && loop < hub.Loops.Count ? hub.Loops[loop] : null;
}
