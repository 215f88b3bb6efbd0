using System.Net.Sockets;

namespace Spillway.Transports.Parked.Managed;

/// <summary>Bytes that did not fit, on their way to the kernel.</summary>
internal sealed class PendingSend : SocketAsyncEventArgs
{
    private readonly ManagedSocket _owner;

    public PendingSend(ManagedSocket owner, byte[] bytes)
        : base(unsafeSuppressExecutionContextFlow: true)
    {
        _owner = owner;
        SetBuffer(bytes, 0, bytes.Length);
    }

    protected override void OnCompleted(SocketAsyncEventArgs e) => _owner.OnSent(this);
}
