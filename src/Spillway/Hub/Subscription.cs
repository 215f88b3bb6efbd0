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

    /// <summary>What makes text of positions for its subscriber.</summary>
    public virtual CursorCodec Cursors => CursorCodec.Plain;

    /// <summary>Whether it wants signals.</summary>
    public abstract bool Signals { get; }

    /// <summary>All its topics have ended and nothing follows: answer 204.</summary>
    public abstract bool NothingFollows { get; }

    /// <summary>
    /// Hands the connection to a loop that writes to <paramref name="output"/> until it ends, and says why it ended. All bytes are flushed (unless the reason is
    /// ClientClosed, WriteTimeout or Failed); the caller completes the response, or aborts it on WriteTimeout and Failed. Nobody else may use the output meanwhile.
    /// </summary>
    public abstract Task<CloseReason> RunAsync(PipeWriter output, CancellationToken aborted);

    /// <summary>What its own end may ask of it while it runs.</summary>
    public abstract LiveSubscription Live { get; }

    /// <summary>
    /// Gives all of it to whoever runs it by other means than a <see cref="PipeWriter"/>, in this or another format of the same transport: instead of <see cref="RunAsync"/>. Disposing gives nothing back any more.
    /// </summary>
    public abstract Handover HandOver(Func<WireFormat, WireFormat> format);

    /// <summary>As if it had not been handed over.</summary>
    public abstract void TakeBack(Handover handover);

    /// <summary>The response has ended: gives the registration back.</summary>
    public abstract void Dispose();
}
