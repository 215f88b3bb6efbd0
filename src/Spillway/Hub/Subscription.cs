using System.IO.Pipelines;
using Spillway.Delivery;
using Spillway.Events;

namespace Spillway.Hub;

/// <summary>A registered subscription, from before its head is written to its end.</summary>
internal abstract class Subscription : IDisposable
{
    /// <summary>The connection's id, for the opening block, logs and the admin API.</summary>
    public abstract string ConnectionId { get; }

    /// <summary>From where the stream continues: the opening block's id.</summary>
    public abstract Position Resume { get; }

    /// <summary>Whether it wants signals.</summary>
    public abstract bool Signals { get; }

    /// <summary>All its topics have ended and nothing follows: answer 204.</summary>
    public abstract bool NothingFollows { get; }

    /// <summary>
    /// Hands the connection to a loop that writes to <paramref name="output"/> until it ends, and says why it ended. All bytes are flushed (unless the reason is
    /// ClientClosed, WriteTimeout or Failed); the caller completes the response, or aborts it on WriteTimeout and Failed. Nobody else may use the output meanwhile.
    /// </summary>
    public abstract Task<CloseReason> RunAsync(PipeWriter output, CancellationToken aborted);

    /// <summary>Writes bytes between two events; false if the connection has ended before. Of this and the next two, one at a time, while it runs.</summary>
    public abstract Task<bool> SayAsync(byte[] bytes);

    /// <summary>
    /// Puts a set in the place of the connection's: nothing of what both have in common is missed or repeated. What <paramref name="answer"/> makes of the position behind which
    /// the new set applies is written before any event of it. Null if the hub is full.
    /// </summary>
    public abstract Task<bool>? ChangeAsync(SelectorSet selectors, Func<Position, byte[]> answer);

    /// <summary>Ends the connection between two events, with last bytes or without.</summary>
    public abstract Task<bool> EndAsync(byte[]? bytes, CloseReason reason);

    /// <summary>The subscriber says that it has processed an event: how old that is, if the connection can have been sent it and it is in the window.</summary>
    public abstract Task<Receipt> FindAsync(Position position, uint ephemeral);

    /// <summary>The subscriber has answered a ping.</summary>
    public abstract void Heard();

    /// <summary>The response has ended: gives the registration back.</summary>
    public abstract void Dispose();
}
