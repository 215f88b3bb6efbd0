using System.Net.Sockets;
using Spillway.Transports.Parked;

namespace Spillway.EndToEnd.Tests.Sockets;

/// <summary>Takes one detached connection.</summary>
internal sealed class HandedSocket : ISocketAdopter, IDisposable
{
    private readonly TaskCompletionSource<(Socket Socket, byte[] Early)?> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Socket? _socket;

    /// <summary>The socket and the early bytes; null: gone.</summary>
    public Task<(Socket Socket, byte[] Early)?> Outcome => _outcome.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

    public bool IsDecided => _outcome.Task.IsCompleted;

    public void Adopt(int descriptor, byte[] early)
    {
        _socket = new Socket(new SafeSocketHandle(descriptor, ownsHandle: true));
        _outcome.SetResult((_socket, early));
    }

    public void Gone(Spillway.Delivery.CloseReason reason) => _outcome.SetResult(null);

    public void Dispose() => _socket?.Dispose();
}
