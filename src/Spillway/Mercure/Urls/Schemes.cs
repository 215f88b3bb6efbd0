namespace Spillway.Mercure.Urls;

/// <summary>The schemes whose URLs are parsed as those of the web: with a host, segments, and a port that goes without saying.</summary>
internal static class Schemes
{
    public static IReadOnlyList<string> Special { get; } = ["ftp", "file", "http", "https", "ws", "wss"];

    public static bool IsSpecial(string scheme) => Special.Contains(scheme, StringComparer.Ordinal);

    /// <summary>The port that goes without saying; empty where there is none.</summary>
    public static string DefaultPort(string scheme) => scheme switch
    {
        "ftp" => "21",
        "http" or "ws" => "80",
        "https" or "wss" => "443",
        _ => "",
    };

    /// <summary>Where the colon stands that ends a scheme; -1 where the text begins with none.</summary>
    public static int End(string text)
    {
        if (text.Length == 0 || !char.IsAsciiLetter(text[0]))
        {
            return -1;
        }

        for (var i = 1; i < text.Length; i++)
        {
            if (!char.IsAsciiLetterOrDigit(text[i]) && text[i] is not ('+' or '-' or '.'))
            {
                return text[i] == ':' ? i : -1;
            }
        }

        return -1;
    }
}
