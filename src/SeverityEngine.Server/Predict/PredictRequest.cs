using Microsoft.AspNetCore.Http;

namespace SeverityEngine.Server.Predict;

/// <summary>What a request to <c>/v1/predict</c> asks for beside the scores.</summary>
/// <param name="Name">What the image of a body without parts is called.</param>
/// <param name="MapAlone">Whether the saliency map's picture is the answer.</param>
/// <param name="MapInline">Whether the row holds that picture.</param>
/// <param name="View">Whether the row holds pictures for a viewer.</param>
readonly record struct PredictRequest(string Name, bool MapAlone, bool MapInline, bool View)
{
    const int MostName = 1000;

    /// <summary>Whether a saliency map is made.</summary>
    public bool IsExplained => MapAlone || MapInline || View;

    /// <summary>Reads the query.</summary>
    /// <exception cref="Http.RequestFault">400: a parameter or a value that there is not.</exception>
    public static PredictRequest Read(IQueryCollection query)
    {
        PredictRequest read = new("image", false, false, false);
        foreach ((string key, Microsoft.Extensions.Primitives.StringValues values) in query)
        {
            string value = values.ToString();
            read = (key, value) switch
            {
                ("saliency", "png") => read with { MapAlone = true },
                ("saliency", "inline") => read with { MapInline = true },
                ("view", "inline") => read with { View = true },
                ("name", { Length: > 0 and <= MostName }) => read with { Name = value },
                _ => throw new Http.RequestFault(StatusCodes.Status400BadRequest, "bad_request",
                    "the query can have saliency=png, saliency=inline, view=inline and name=NAME; leave anything else away"),
            };
        }
        return read;
    }
}
