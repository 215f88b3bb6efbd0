using System.Security.Cryptography;
using System.Text;
using Spillway.Events;

namespace Spillway.History.Storage;

/// <summary>The file beside a history that holds the key of its cursors, in hexadecimal digits: who has it can read every cursor.</summary>
/// <param name="directory">That of the history, which is ours alone.</param>
internal sealed class CursorKeyFile(string directory)
{
    /// <summary>Its name.</summary>
    public const string Name = "cursor.key";

    private const int MostBytes = 1_024; // What is longer is no key, and not read.

    private readonly string _path = Path.Combine(directory, Name);

    public bool Exists => File.Exists(_path);

    /// <summary>A new key.</summary>
    public static byte[] Make() => RandomNumberGenerator.GetBytes(SealedCursors.KeyLength);

    /// <summary>The key; a new one, which is kept from here on, where there is none.</summary>
    /// <exception cref="IOException">The file cannot be read or written, or holds something else: with another key no subscriber could resume, which is not to come about by accident.</exception>
    public byte[] Open()
    {
        try
        {
            return Exists ? Read() : Create();
        }
        catch (UnauthorizedAccessException fault)
        {
            throw new IOException($"The file \"{_path}\" cannot be used by {Environment.UserName}: {fault.Message.TrimEnd('.')}. Give that user the right to read it.", fault);
        }
    }

    private byte[] Read()
    {
        var text = new FileInfo(_path).Length <= MostBytes ? File.ReadAllText(_path, Encoding.ASCII).Trim() : "";
        var key = new byte[SealedCursors.KeyLength];
        return text.Length == 2 * key.Length && Convert.FromHexString(text, key, out _, out _) == System.Buffers.OperationStatus.Done
            ? key
            : throw new IOException(
                $"The file \"{_path}\" does not hold {2 * key.Length} hexadecimal digits, the key of the cursors that subscribers have. Restore it; or take it away: then a new one is made, and who resumes is told a gap.");
    }

    private byte[] Create()
    {
        var key = Make();
        var next = _path + ".next";
        File.Delete(next); // Left by a process that was killed, or put there with other rights.
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(next, options))
        {
            file.Write(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(key) + "\n"));
            file.Flush(flushToDisk: true);
        }

        File.Move(next, _path, overwrite: false);
        new RealDisk(directory).SyncDirectory();
        return key;
    }
}
