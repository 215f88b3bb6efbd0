using Spillway.Transports.Parked;

namespace Spillway.EndToEnd.Tests.Sockets;

/// <summary>Takes one detached connection.</summary>
internal sealed class HandedSocket : ISocketAdopter, IDisposable
{
    private readonly TaskCompletionSource<byte[]?> _early = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _socket = -1;

    /// <summary>The early bytes; null: gone.</summary>
    public Task<byte[]?> Early => _early.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

    public bool IsDecided => _early.Task.IsCompleted;

    /// <summary>The system that the socket is of.</summary>
    public SocketCalls Calls { get; set; } = null!; // The host's, once there is one.

    public void Adopt(int descriptor, byte[] early)
    {
        _socket = descriptor;
        _early.SetResult(early);
    }

    public void Gone(Spillway.Delivery.CloseReason reason) => _early.SetResult(null);

    /// <summary>Sends, and ends.</summary>
    public void SendLast(byte[] bytes)
    {
        Assert.Equal(bytes.Length, Calls.Send(_socket, bytes));
        Calls.Shutdown(_socket, both: false);
    }

    public void Dispose()
    {
        if (_socket >= 0)
        {
            Calls.Close(_socket);
        }
    }
}
