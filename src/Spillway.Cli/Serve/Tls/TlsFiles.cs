using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Spillway.Cli.Serve.Tls;

/// <summary>The files that options of TLS name, as they are at one moment.</summary>
internal sealed class TlsFiles
{
    private const int MaxBytes = 1024 * 1024; // Far more than a certificate with all above it; a device or a log named by mistake is not read whole.

    private readonly List<string> _exposed = [];

    private TlsFiles()
    {
    }

    public byte[] Certificate { get; private set; } = [];

    /// <summary>Null: it is in the certificate's file.</summary>
    public byte[]? Key { get; private set; }

    public string? Password { get; private set; }

    public byte[]? ClientAuthorities { get; private set; }

    /// <summary>Files with something secret that every user of the machine can read.</summary>
    public IReadOnlyList<string> Exposed => _exposed;

    /// <summary>What they hold, in a few bytes: equal is the same. By content, since a link may lead to another file of the same age and length.</summary>
    public string Digest { get; private set; } = "";

    /// <summary>Reads them; <paramref name="fault"/> names the option and file that cannot be read.</summary>
    public static bool TryRead(TlsOptions options, [NotNullWhen(true)] out TlsFiles? files, out string fault)
    {
        (files, fault) = (new TlsFiles(), "");
        try
        {
            files.Certificate = files.Read(nameof(options.Certificate), options.Certificate!, isSecret: options.Key is null, out fault);
            files.Key = options.Key is null ? null : files.Read(nameof(options.Key), options.Key, isSecret: true, out fault);
            files.Password = options.PasswordFile is null ? options.Password : Encoding.UTF8.GetString(files.Read(nameof(options.PasswordFile), options.PasswordFile, isSecret: true, out fault)).TrimEnd('\r', '\n');
            files.ClientAuthorities = options.ClientAuthorities is null ? null : files.Read(nameof(options.ClientAuthorities), options.ClientAuthorities, isSecret: false, out fault);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            fault = $"{fault}, which cannot be read: {e.Message}";
            files = null;
            return false;
        }

        fault = "";
        files.Digest = Convert.ToHexString(SHA256.HashData([
            .. DigestOf(files.Certificate), .. DigestOf(files.Key), .. DigestOf(files.Password is null ? null : Encoding.UTF8.GetBytes(files.Password)), .. DigestOf(files.ClientAuthorities),
        ]));
        return true;
    }

    private static byte[] DigestOf(byte[]? bytes) => bytes is null ? [0] : SHA256.HashData(bytes);

    private byte[] Read(string option, string path, bool isSecret, out string what)
    {
        what = $"{TlsOptions.Section}:{option} is \"{path}\"";
        using var handle = File.OpenHandle(path, options: FileOptions.SequentialScan); // Behind links, whichever.
        var length = RandomAccess.GetLength(handle);
        if (length > MaxBytes)
        {
            throw new IOException($"It has {length} bytes, more than the {MaxBytes} that any of these files has.");
        }

        if (isSecret && !OperatingSystem.IsWindows() && (File.GetUnixFileMode(handle) & UnixFileMode.OtherRead) != 0)
        {
            _exposed.Add(path);
        }

        var bytes = new byte[length];
        var read = 0;
        for (var more = 1; more > 0 && read < bytes.Length; read += more)
        {
            more = RandomAccess.Read(handle, bytes.AsSpan(read), read);
        }

        return bytes[..read];
    }
}
