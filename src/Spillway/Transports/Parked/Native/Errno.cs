namespace Spillway.Transports.Parked.Native;

/// <summary>Why a system call failed: the numbers of Linux, the same on x64 and arm64. Calls return them negated.</summary>
internal static class Errno
{
    public const int NotPermitted = 1; // EPERM: a firewall forbids it.
    public const int Interrupted = 4; // EINTR
    public const int Again = 11; // EAGAIN, EWOULDBLOCK
    public const int OutOfMemory = 12; // ENOMEM
    public const int TooManyInSystem = 23; // ENFILE
    public const int TooManyInProcess = 24; // EMFILE
    public const int BrokenPipe = 32; // EPIPE
    public const int NotOnNetwork = 64; // ENONET
    public const int Protocol = 71; // EPROTO
    public const int NoProtocolOption = 92; // ENOPROTOOPT
    public const int NotSupported = 95; // EOPNOTSUPP
    public const int NetworkDown = 100; // ENETDOWN
    public const int NetworkUnreachable = 101; // ENETUNREACH
    public const int ConnectionAborted = 103; // ECONNABORTED
    public const int ConnectionReset = 104; // ECONNRESET
    public const int TimedOut = 110; // ETIMEDOUT
    public const int HostDown = 112; // EHOSTDOWN
    public const int HostUnreachable = 113; // EHOSTUNREACH
}
