using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Spillway.Cli.Token;

/// <summary>A token that a command is given: better not among its arguments, which every user of the machine can read.</summary>
internal static class TokenInput
{
    private const int MostBytes = 1024 * 1024; // A token may have 64 KiB at most; what is longer is said to be too long, and not read for ever.

    public static Argument<string?> Argument() => new("TOKEN")
    {
        Description = "The token; - or nothing reads it from the standard input, where other users of the machine do not see it.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    /// <exception cref="UsageException">There is none.</exception>
    public static async Task<byte[]> ReadAsync(Terminal terminal, string? argument, CancellationToken cancellationToken)
    {
        var token = argument is null or "-" ? await ReadInputAsync(terminal, cancellationToken) : Encoding.UTF8.GetBytes(argument);
        return token.Length > 0 ? token : throw new UsageException("TOKEN is empty; give it as an argument, or write it to the standard input.");
    }

    /// <exception cref="UsageException">There is none.</exception>
    public static X509Certificate2 ReadCertificate(string file)
    {
        try
        {
            return X509Certificate2.CreateFromPem(File.ReadAllText(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or CryptographicException)
        {
            throw new UsageException($"--certificate is \"{file}\", which cannot be read as a certificate in PEM: {e.Message}");
        }
    }

    private static async Task<byte[]> ReadInputAsync(Terminal terminal, CancellationToken cancellationToken)
    {
        await using var input = terminal.OpenInput();
        var buffer = new byte[MostBytes];
        var length = await input.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return buffer.AsSpan(0, length).TrimEnd("\r\n"u8).ToArray(); // The line break is the terminal's.
    }
}
