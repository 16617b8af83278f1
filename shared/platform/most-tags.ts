/** An object of OSS and OBS has no more tags (PutObjectTagging of both). */
export const mostTags = 10;
