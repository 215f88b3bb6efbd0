using Spillway.Transports.Parked;
using Spillway.Transports.Parked.Managed;
using Spillway.Transports.Parked.Native;

namespace Spillway.Tests.Transports.Parked;

internal static class SocketKinds
{
    public static SocketCalls Create(this SocketKind kind) => kind == SocketKind.Native ? new NativeCalls() : new ManagedCalls();

    /// <summary>Sockets that are open, where somebody counts them.</summary>
    public static int OpenSockets(this SocketCalls calls) => calls is ManagedCalls managed ? managed.Count : 0;
}
