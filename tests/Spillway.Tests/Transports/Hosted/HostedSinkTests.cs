using System.IO.Pipelines;
using Spillway.Delivery;
using Spillway.TestKit;
using Spillway.Transports.Hosted;

namespace Spillway.Tests.Transports.Hosted;

public sealed class HostedSinkTests
{
    private const int Threshold = 64 * 1024; // As much as Kestrel's response buffer holds by default.

    [Fact]
    public async Task Send_ReaderDoesNotRead_TakesOneSliceMoreThanThePipeHolds()
    {
        using var rig = new LoopRig();
        var (sink, pipe, _) = Attach(rig);

        var taken = sink.Send(0, new byte[1_000_000], out var ready);

        Assert.False(ready);
        Assert.InRange(taken, Threshold, Threshold + (16 * 1024));
        Assert.Equal(taken, (await pipe.Reader.ReadAsync(TestContext.Current.CancellationToken)).Buffer.Length);
    }

    [Fact]
    public async Task Send_ReaderReadsAgain_LoopIsToldOnce()
    {
        using var rig = new LoopRig();
        var (sink, pipe, connection) = Attach(rig);
        sink.Send(0, new byte[1_000_000], out _);
        Assert.False(connection.IsBroken);

        var read = await pipe.Reader.ReadAsync(TestContext.Current.CancellationToken);
        pipe.Reader.AdvanceTo(read.Buffer.End);
        Assert.True(SpinWait.SpinUntil(() => rig.Loop.HasCommands, TimeSpan.FromSeconds(20)));

        Assert.Equal(10, sink.Send(0, new byte[10], out var ready));
        Assert.True(ready);
    }

    [Fact]
    public void Send_ReaderIsGone_SaysBroken()
    {
        using var rig = new LoopRig();
        var (sink, pipe, connection) = Attach(rig);
        pipe.Reader.Complete();

        Assert.Equal(-1, sink.Send(0, new byte[10], out _));
        Assert.True(connection.IsBroken);
        Assert.Equal(-1, sink.Send(0, new byte[10], out _));
    }

    [Fact]
    public void Send_OutputWasCompleted_SaysBrokenAndThrowsNothing()
    {
        using var rig = new LoopRig();
        var (sink, pipe, _) = Attach(rig);
        pipe.Writer.Complete();

        Assert.Equal(-1, sink.Send(0, new byte[10], out _));
    }

    [Fact]
    public void Send_ReaderFailsWhileAFlushWaits_LoopIsToldThatItIsGone()
    {
        using var rig = new LoopRig();
        var (sink, pipe, connection) = Attach(rig);
        sink.Send(0, new byte[1_000_000], out _);

        pipe.Reader.Complete(new IOException("Reset."));

        Assert.True(SpinWait.SpinUntil(() => rig.Loop.HasCommands, TimeSpan.FromSeconds(20)));
        Assert.True(connection.IsBroken);
    }

    [Fact]
    public async Task Close_Connection_EndsItOnceWithTheReason()
    {
        using var rig = new LoopRig();
        var (sink, _, connection) = Attach(rig);

        sink.Close(0, CloseReason.TopicsEnded, 0);
        sink.Close(0, CloseReason.Failed, 0);

        Assert.Equal(CloseReason.TopicsEnded, await connection.Task);
    }

    [Fact]
    public async Task RunAsync_RequestAborted_IsForgottenWithTheNextTurn()
    {
        using var rig = new LoopRig();
        using var aborted = new CancellationTokenSource();
        var connection = new HostedConnection(rig.Loop, new HostedSink(), new Pipe().Writer, aborted.Token);
        await aborted.CancelAsync(); // Before the loop has adopted it.

        connection.Adopted(0, 1);

        Assert.True(rig.Loop.HasCommands);
    }

    private static (HostedSink Sink, Pipe Pipe, HostedConnection Connection) Attach(LoopRig rig)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: Threshold, resumeWriterThreshold: Threshold / 2, useSynchronizationContext: false));
        var sink = new HostedSink();
        var connection = new HostedConnection(rig.Loop, sink, pipe.Writer, CancellationToken.None);
        connection.Adopted(0, 1);
        return (sink, pipe, connection);
    }
}
