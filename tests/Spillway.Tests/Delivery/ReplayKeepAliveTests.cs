using System.Text;
using Spillway.TestKit;

namespace Spillway.Tests.Delivery;

/// <summary>Keep-alives of connections that wait for a page of history: they come, and never within an event.</summary>
public sealed class ReplayKeepAliveTests : IDisposable
{
    private readonly LoopRig _rig = new();
    private readonly ManualResetEventSlim _readable = new(false);

    public ReplayKeepAliveTests()
    {
        _rig.Publish("a", "1", "2");
        _rig.Flood();
        HoldPages();
    }

    [Fact]
    public void KeepAlive_PageDoesNotCome_IsAComment()
    {
        var connection = _rig.Subscribe(Selectors.Of("a"), after: 0);
        _rig.Loop.Turn();

        _rig.Advance(TimeSpan.FromSeconds(14));
        Assert.Empty(connection.Bytes);
        _rig.Advance(TimeSpan.FromSeconds(2));
        _rig.Advance(TimeSpan.FromSeconds(16));
        _readable.Set();
        _rig.Settle();

        Assert.StartsWith(":\n:\nid: ", Text(connection), StringComparison.Ordinal); // No cursor: what the page holds is not delivered yet.
        Assert.Equal(["1", "2"], connection.Received());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void KeepAlive_IsTakenInPart_IsFinishedBeforeThePage(bool readyBeforeThePage)
    {
        var connection = _rig.Subscribe(Selectors.Of("a"), after: 0);
        connection.Room = 1;
        _rig.Loop.Turn();
        _rig.Advance(TimeSpan.FromSeconds(16));
        Assert.Equal(":", Text(connection));

        if (readyBeforeThePage)
        {
            _rig.Release(connection);
            _rig.Loop.Turn();
            Assert.Equal(":\n", Text(connection));
        }

        connection.Room = int.MaxValue; // It would take the page, but the loop was not told.
        _readable.Set();
        _rig.Settle();
        _rig.Release(connection);
        _rig.Settle();

        Assert.StartsWith(":\nid: ", Text(connection), StringComparison.Ordinal);
        Assert.Equal(["1", "2"], connection.Received());
    }

    [Fact]
    public void KeepAlive_EventIsCutAndItsRestDoesNotCome_IsNotSent()
    {
        _readable.Set();
        var whole = _rig.Subscribe(Selectors.Of("a"), after: 0);
        _rig.Settle();
        var expected = Text(whole);
        var cut = _rig.Subscribe(Selectors.Of("a"), after: 0);
        cut.Room = 7;
        _rig.Settle();
        _readable.Reset();

        _rig.Release(cut);
        _rig.Loop.Turn(); // The page with the rest is asked for.
        _rig.Advance(TimeSpan.FromSeconds(16), times: 3);
        Assert.Equal(7, cut.Bytes.Length);
        _readable.Set();
        _rig.Settle();

        Assert.Equal(expected, Text(cut));
    }

    public void Dispose()
    {
        _readable.Set();
        _rig.Dispose();
        _readable.Dispose();
    }

    /// <summary>From now on a reader of history waits in the middle of a page.</summary>
    private void HoldPages() => _rig.Encoder.OnEvent = () => Assert.True(_readable.Wait(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));

    private static string Text(TestConnection connection) => Encoding.UTF8.GetString(connection.Bytes);
}
