using System.Collections.Frozen;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace Spillway.Cli.Demo;

/// <summary>Serves the demo's page at <c>/</c> and its files under <c>/demo</c>, out of the assembly.</summary>
internal static class DemoPage
{
    /// <summary>
    /// Nothing but files of this origin, nothing inline, and no text that becomes markup: what the page shows was published by
    /// anyone who may publish.
    /// </summary>
    public const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    private const string Prefix = "demo/";
    private const string Index = "index.html";

    private static readonly FrozenDictionary<string, string> ContentTypes = new Dictionary<string, string>
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
    }.ToFrozenDictionary();

    /// <summary>Maps the page. The hub's own paths stay free.</summary>
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var files = Load(typeof(DemoPage).Assembly);
        endpoints.MapGet("/", (HttpResponse response) => Serve(files, Index, response));
        endpoints.MapGet("/demo/{file}", (string file, HttpResponse response) => Serve(files, file, response));
    }

    private static Results<FileContentHttpResult, NotFound> Serve(FrozenDictionary<string, PageFile> files, string name, HttpResponse response)
    {
        if (!files.TryGetValue(name, out var file))
        {
            return TypedResults.NotFound();
        }

        var headers = response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "no-cache"; // A new version must not run with a module of the old one; the tag saves the bytes.
        return TypedResults.Bytes(file.Bytes, file.ContentType, entityTag: file.Tag);
    }

    private static FrozenDictionary<string, PageFile> Load(Assembly assembly)
    {
        Dictionary<string, PageFile> files = [];
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes)[..8])}\"");
            files.Add(resource[Prefix.Length..], new PageFile(bytes, ContentTypes[Path.GetExtension(resource)], tag));
        }

        return files.ToFrozenDictionary();
    }

    private sealed record PageFile(byte[] Bytes, string ContentType, EntityTagHeaderValue Tag);
}
