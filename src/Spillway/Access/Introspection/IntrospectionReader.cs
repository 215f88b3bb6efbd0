using System.Text;
using Spillway.Access.Tokens;

namespace Spillway.Access.Introspection;

/// <summary>Reads whom to ask about tokens, and says everything that is wrong with that.</summary>
internal static class IntrospectionReader
{
    private const string Section = $"{SpillwayOptions.Section}:Access:Introspection";
    private const int MostSecretBytes = 4_096;

    /// <summary>The server; null where nobody is asked, or where there are faults. None shows a secret.</summary>
    public static IntrospectionPlan? Read(IntrospectionOptions options, List<string> faults)
    {
        if (string.IsNullOrEmpty(options.Url))
        {
            if (!string.IsNullOrEmpty(options.ClientId) || !string.IsNullOrEmpty(options.ClientSecret) || !string.IsNullOrEmpty(options.ClientSecretFile))
            {
                faults.Add($"{Section} has no Url, so nobody is asked; set it, or leave the others out.");
            }

            return null;
        }

        var before = faults.Count;
        if (!TrustedServer.TryParse(options.Url, out var address, out var fault))
        {
            var shown = options.Url.Contains('@', StringComparison.Ordinal) ? "" : $" is \"{options.Url}\", which"; // A name before "@" may have a password.
            faults.Add($"{Section}:Url{shown} {fault}.");
        }

        if (string.IsNullOrEmpty(options.ClientId))
        {
            faults.Add($"{Section}:ClientId is missing; give it the name under which the server knows the hub.");
        }

        if (string.IsNullOrEmpty(options.ClientSecret) == string.IsNullOrEmpty(options.ClientSecretFile))
        {
            faults.Add($"{Section} has {(string.IsNullOrEmpty(options.ClientSecret) ? "neither ClientSecret nor" : "both ClientSecret and")} ClientSecretFile; set exactly one of them.");
        }

        var secret = options.ClientSecret ?? "";
        if (!string.IsNullOrEmpty(options.ClientSecretFile) && !TryReadFile(options.ClientSecretFile, out secret, out fault))
        {
            faults.Add($"{Section}:ClientSecretFile is \"{options.ClientSecretFile}\", which {fault}.");
        }

        return faults.Count == before ? new IntrospectionPlan(options, address!, secret) : null;
    }

    private static bool TryReadFile(string path, out string secret, out string fault)
    {
        (secret, fault) = ("", "");
        try
        {
            using var file = File.OpenRead(path);
            var buffer = new byte[MostSecretBytes + 1];
            var length = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            secret = Encoding.UTF8.GetString(buffer.AsSpan(0, length).TrimEnd("\r\n"u8));
            fault = length > MostSecretBytes ? $"is longer than {MostSecretBytes} bytes" : secret.Length == 0 ? "is empty" : "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            fault = $"cannot be read: {e.Message.TrimEnd('.')}";
        }

        return fault.Length == 0;
    }
}
