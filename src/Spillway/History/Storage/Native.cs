using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Spillway.History.Storage;

/// <summary>What .NET has no call for: syncing a directory, syncing a file's data without its times (fdatasync(2)), and which file it is (statx(2)).</summary>
internal static partial class Native
{
    private const int CloseOnExec = 0x80000; // O_CLOEXEC of Linux; elsewhere the child's problem is a descriptor too many.
    private const int Interrupted = 4; // EINTR

    private const int ItselfNotAName = 0x1000; // AT_EMPTY_PATH
    private const uint NumberAndBirth = 0x900; // STATX_INO, STATX_BTIME
    private const int StatLength = 256;

    public static SafeFileHandle Open(string directory)
    {
        var descriptor = OpenFile(directory, OperatingSystem.IsLinux() ? CloseOnExec : 0);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw Fault("open", directory);
    }

    /// <summary>A failure throws; it is never tried again.</summary>
    public static void Sync(SafeFileHandle file, bool dataOnly)
    {
        int result;
        do
        {
            result = dataOnly ? SyncData(file) : SyncAll(file);
        }
        while (result != 0 && Marshal.GetLastPInvokeError() == Interrupted);

        if (result != 0)
        {
            throw Fault(dataOnly ? "fdatasync" : "fsync", null);
        }
    }

    /// <summary>Which file it is; not known where the system or the file system does not say.</summary>
    public static FileIdentity Identify(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux())
        {
            return default;
        }

        Span<byte> stat = stackalloc byte[StatLength];
        try
        {
            if (Stat(file, "", ItselfNotAName, NumberAndBirth, ref stat[0]) != 0 || (MemoryMarshal.Read<uint>(stat) & NumberAndBirth) != NumberAndBirth)
            {
                return default;
            }
        }
        catch (EntryPointNotFoundException)
        {
            return default; // A C library older than the call.
        }

        // struct statx has the same layout everywhere, in the processor's byte order: stx_ino at 32, stx_btime at 80.
        var (seconds, nanoseconds) = (MemoryMarshal.Read<long>(stat[80..]), MemoryMarshal.Read<uint>(stat[88..]));
        return new FileIdentity(MemoryMarshal.Read<ulong>(stat[32..]), (seconds * 1_000_000_000) + nanoseconds);
    }

    private static IOException Fault(string call, string? path)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"{call} failed{(path is null ? "" : $" on {path}")}: {Marshal.GetPInvokeErrorMessage(error)}.", error);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int SyncData(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int SyncAll(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Stat(SafeFileHandle directory, string path, int flags, uint mask, ref byte stat);
}
