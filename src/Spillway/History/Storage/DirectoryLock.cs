using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Spillway.History.Storage;

/// <summary>Holds a directory for this process alone. The system lets go of it when the process ends, however it ends.</summary>
internal sealed class DirectoryLock : IDisposable
{
    private const string FileName = "lock";
    private const string HolderName = "lock.holder"; // Apart from the lock: a locked file cannot be read by others everywhere.

    private readonly SafeFileHandle _handle;

    private DirectoryLock(SafeFileHandle handle)
    {
        _handle = handle;
    }

    /// <exception cref="HistoryLockedException">Another process holds it, or this one does already.</exception>
    public static DirectoryLock Acquire(string directory)
    {
        SafeFileHandle handle;
        try
        {
            handle = File.OpenHandle(Path.Combine(directory, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException fault) when (IsLocked(fault))
        {
            throw new HistoryLockedException(directory, ReadHolder(directory), fault);
        }

        var held = new DirectoryLock(handle);
        try
        {
            File.Delete(Path.Combine(directory, HolderName)); // Made anew: where nothing can be made, the first full segment would be too late to find out.
            File.WriteAllText(Path.Combine(directory, HolderName), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return held;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    public void Dispose() => _handle.Dispose();

    /// <summary>EWOULDBLOCK of Linux and of macOS, ERROR_SHARING_VIOLATION of Windows; the runtime names them by no other means.</summary>
    private static bool IsLocked(IOException fault) => fault.HResult is 11 or 35 or unchecked((int)0x80070020);

    private static int? ReadHolder(string directory)
    {
        try
        {
            var text = File.ReadAllText(Path.Combine(directory, HolderName));
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
