using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Spillway.Access.Tokens;

namespace Spillway.Cli.Token;

/// <summary>What a file with a key holds: one of the three, and what it says of itself.</summary>
internal sealed record KeyMaterial(RSA? Rsa, ECDsa? Ec, byte[] Secret, string? Algorithm = null, string? Id = null)
{
    private const int MostBytes = 64 * 1024;

    public string Description => Rsa is not null ? $"an RSA key of {Rsa.KeySize} bits" : Ec is not null ? $"a key on a curve of {Ec.KeySize} bits" : $"a secret of {Secret.Length} bytes";

    /// <summary>Reads a private key in PEM or JSON, or else a secret: the bytes of the file without a line break at the end.</summary>
    /// <exception cref="UsageException">It cannot be read. The message never quotes what is in the file.</exception>
    public static KeyMaterial Read(string file)
    {
        byte[] content;
        try
        {
            content = File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--key is \"{file}\", which cannot be read: {e.Message}");
        }

        if (content.Length > MostBytes)
        {
            throw new UsageException($"--key is \"{file}\", which is longer than {MostBytes} bytes; no key is.");
        }

        try
        {
            var start = content.AsSpan().TrimStart(" \t\r\n"u8);
            return start.StartsWith("-----BEGIN"u8) ? OfPem(file, Encoding.ASCII.GetString(content))
                : start.StartsWith("{"u8) ? OfJwk(file, content)
                : new KeyMaterial(null, null, content.AsSpan().TrimEnd("\r\n"u8).ToArray());
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or FormatException)
        {
            throw new UsageException($"--key is \"{file}\", which holds no key that can be read: {e.Message}");
        }
    }

    private static KeyMaterial OfPem(string file, string pem)
    {
        var label = pem[PemEncoding.Find(pem).Label];
        if (label == "ENCRYPTED PRIVATE KEY")
        {
            throw new UsageException($"--key is \"{file}\", which is encrypted; decrypt it to a pipe, for example --key <(openssl pkey -in FILE).");
        }

        if (!label.EndsWith("PRIVATE KEY", StringComparison.Ordinal))
        {
            throw new UsageException($"--key is \"{file}\", which is a {label}; only a private key makes tokens.");
        }

        if (label != "EC PRIVATE KEY")
        {
            var rsa = RSA.Create();
            try
            {
                rsa.ImportFromPem(pem);
                return new KeyMaterial(rsa, null, []);
            }
            catch (CryptographicException) when (label == "PRIVATE KEY")
            {
                rsa.Dispose(); // PKCS #8 says inside what it is.
            }
        }

        var ec = ECDsa.Create();
        ec.ImportFromPem(pem);
        return new KeyMaterial(null, ec, []);
    }

    private static KeyMaterial OfJwk(string file, byte[] content)
    {
        if (!StrictJson.TryParseObject(content, 8, out var document, out var fault))
        {
            throw new UsageException($"--key is \"{file}\", which {fault}.");
        }

        using (document)
        {
            var jwk = document.RootElement;
            var (id, algorithm) = (Text(jwk, "kid"), Text(jwk, "alg"));
            return Text(jwk, "kty") switch
            {
                "oct" when Bytes(jwk, "k") is { } secret => new KeyMaterial(null, null, secret, algorithm, id),
                "EC" when Bytes(jwk, "d") is { } d => new KeyMaterial(null, ECDsa.Create(new ECParameters
                {
                    Curve = Text(jwk, "crv") switch { "P-256" => ECCurve.NamedCurves.nistP256, "P-384" => ECCurve.NamedCurves.nistP384, _ => ECCurve.NamedCurves.nistP521 },
                    Q = new ECPoint { X = Bytes(jwk, "x"), Y = Bytes(jwk, "y") },
                    D = d,
                }), [], algorithm, id),
                "RSA" when Bytes(jwk, "d") is { } d => new KeyMaterial(RSA.Create(new RSAParameters
                {
                    Modulus = Bytes(jwk, "n"),
                    Exponent = Bytes(jwk, "e"),
                    D = d,
                    P = Bytes(jwk, "p"),
                    Q = Bytes(jwk, "q"),
                    DP = Bytes(jwk, "dp"),
                    DQ = Bytes(jwk, "dq"),
                    InverseQ = Bytes(jwk, "qi"),
                }), null, [], algorithm, id),
                _ => throw new UsageException($"--key is \"{file}\", which has no private RSA, EC or oct key (kty, and d or k)."),
            };
        }
    }

    private static string? Text(JsonElement jwk, string name) => StrictJson.TryGetText(jwk, name, out var text) ? text : null;

    private static byte[]? Bytes(JsonElement jwk, string name) => Base64UrlText.TryDecode(Text(jwk, name), out var bytes) ? bytes : null;
}
