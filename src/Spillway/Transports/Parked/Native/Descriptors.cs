using System.Runtime.InteropServices;

namespace Spillway.Transports.Parked.Native;

/// <summary>The process's table of descriptors. A new one always takes the lowest free number, so its number says how full the table is at least.</summary>
internal static unsafe class Descriptors
{
    private const int OpenFiles = 7; // RLIMIT_NOFILE

    /// <summary>How many descriptors the process may have: the soft limit, which .NET raises to the hard one when it starts.</summary>
    public static long Limit
    {
        get
        {
            var limits = stackalloc ulong[2];
            return Libc.GetLimit(OpenFiles, limits) == 0 ? (long)Math.Min(limits[0], int.MaxValue) : throw Fault("getrlimit");
        }
    }

    /// <summary>The number that a new descriptor would have, told by making one; all below are in use. Where none can be had, the limit.</summary>
    public static long LowestFree(int any)
    {
        var copy = Libc.Duplicate(any);
        if (copy < 0)
        {
            return Limit;
        }

        NativeSocket.Close(copy);
        return copy;
    }

    public static IOException Fault(string call)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"{call} failed: {Marshal.GetPInvokeErrorMessage(error)}.", error);
    }
}
