namespace Spillway.Tests.Transports.Parked;

/// <summary>What stands behind the sockets of the transport. What holds for one holds for the other.</summary>
public enum SocketKind
{
    Native,
    Managed,
}
