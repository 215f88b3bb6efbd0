using System.Net.Sockets;
using Spillway.TestKit;

namespace Spillway.Tests.Transports.WebSocket;

/// <summary>The opening message, which the endpoint sends before a loop has the connection.</summary>
public sealed class WebSocketEndpointTests
{
    private const int OpeningStalled = 5014;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // Real time: only a test that fails waits so long.

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task HandleAsync_OpeningNotTaken_ResetsAfterTheWriteStallAndCounts()
    {
        var never = new TaskCompletionSource();
        using var call = new OpeningCall(new OpeningStream(_ => never.Task));
        call.Options.Sse.WriteStall = TimeSpan.FromSeconds(7);
        var handling = call.HandleAsync();
        await call.Time.WaitForTimerAsync(TimeSpan.FromSeconds(7), Token);

        call.Time.Advance(TimeSpan.FromSeconds(7) - TimeSpan.FromTicks(1));
        Assert.False(call.Aborted);
        call.Time.Advance(TimeSpan.FromTicks(1));
        await handling.WaitAsync(Patience, Token);

        Assert.True(call.Aborted);
        Assert.Equal((false, 1, 1d), (call.Subscription.HasRun, call.Subscription.Disposals, call.Refused("write-timeout")));
        Assert.Contains(call.Logs.Lines, static line => line.Id == OpeningStalled);
    }

    [Fact]
    public async Task HandleAsync_OpeningTakenLate_RunsAndIsNotReset()
    {
        var taken = new TaskCompletionSource();
        using var call = new OpeningCall(new OpeningStream(_ => taken.Task));
        var handling = call.HandleAsync();
        await call.Time.WaitForTimerAsync(call.Options.Sse.WriteStall, Token);
        Assert.False(call.Subscription.HasRun);

        call.Time.Advance(call.Options.Sse.WriteStall / 2);
        taken.SetResult();
        await handling.WaitAsync(Patience, Token);
        call.Time.Advance(call.Options.Sse.WriteStall);

        Assert.Equal((true, false, 0d), (call.Subscription.HasRun, call.Aborted, call.Refused("write-timeout")));
    }

    [Fact]
    public async Task HandleAsync_ClientGoneBeforeTheOpening_RunsNothingAndIsNoFault()
    {
        foreach (var fault in (Exception[])[new SocketException((int)SocketError.ConnectionReset), new ObjectDisposedException("socket")])
        {
            using var call = new OpeningCall(new OpeningStream(_ => Task.FromException(fault)));

            await call.HandleAsync().WaitAsync(Patience, Token);

            Assert.Equal((true, false, 1, 0d), (call.Aborted, call.Subscription.HasRun, call.Subscription.Disposals, call.Refused("write-timeout")));
            Assert.Empty(call.Logs.Errors);
        }
    }

    [Fact]
    public async Task HandleAsync_ClientGoneWhileTheOpeningWaits_EndsAtOnce()
    {
        var written = new OpeningStream(static cancelled => new TaskCompletionSource().Task.WaitAsync(cancelled));
        using var call = new OpeningCall(written);
        var handling = call.HandleAsync();
        await written.Written.Task.WaitAsync(Patience, Token);

        call.Abort();
        await handling.WaitAsync(Patience, Token);

        Assert.Equal((false, 1, 0d), (call.Subscription.HasRun, call.Subscription.Disposals, call.Refused("write-timeout")));
    }

    /// <summary>A size that validation refuses stands for a defect of ours: the reader throws at the first message.</summary>
    [Fact]
    public async Task HandleAsync_ReadingBreaks_IsCountedAndTold()
    {
        var stream = new OpeningStream(static _ => Task.CompletedTask);
        stream.Write(ClientFrame.Of(ClientFrame.Text, "x"u8));
        stream.Position = 0;
        using var call = new OpeningCall(stream);
        call.Options.WebSocket.MessageBytes = -1;

        await call.HandleAsync().WaitAsync(Patience, Token);

        Assert.Equal(1, call.Failed("command"));
        Assert.Single(call.Logs.Errors);
    }
}
