using System.Runtime.InteropServices;

namespace Spillway.Transports.Parked.Native;

/// <summary>The process's table of descriptors. A new one always takes the lowest free number, so its number says how full the table is at least.</summary>
internal static unsafe class Descriptors
{
    private const int OpenFiles = 7; // RLIMIT_NOFILE
    private const int DuplicateCloseOnExec = 1030; // F_DUPFD_CLOEXEC: a process that is started meanwhile does not inherit it.

    /// <summary>How many descriptors the process may have: the soft limit, which .NET raises to the hard one when it starts.</summary>
    public static long Limit
    {
        get
        {
            var limits = stackalloc ulong[2];
            return Libc.GetLimit(OpenFiles, limits) == 0 ? (long)Math.Min(limits[0], int.MaxValue) : throw Fault("getrlimit");
        }
    }

    /// <summary>Makes a copy, to be closed by the caller: its number tells that all below are in use. False where none can be had.</summary>
    public static bool TryCopy(int descriptor, out int copy)
    {
        copy = Libc.Control(descriptor, DuplicateCloseOnExec, 0);
        return copy >= 0;
    }

    public static IOException Fault(string call)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"{call} failed: {Marshal.GetPInvokeErrorMessage(error)}.", error);
    }
}
