using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Spillway.History.Storage;

/// <summary>What .NET has no call for: syncing a directory, and syncing a file's data without its times (fdatasync(2)).</summary>
internal static partial class Native
{
    private const int CloseOnExec = 0x80000; // O_CLOEXEC of Linux; elsewhere the child's problem is a descriptor too many.
    private const int Interrupted = 4; // EINTR

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
}
